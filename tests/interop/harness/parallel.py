"""Suites, some at a time: each in a process of its own, with a range of ports of its own.

Suites share nothing else: a broker and a folder each; what is fetched or built is made under a lock
(clients.kept). A suite's rows come to the parent as its cases end, and the parent prints them.
"""
import multiprocessing
import signal
import sys
import threading
import time
from multiprocessing import connection

from . import paths, results


class Ended(SystemExit):
    """SIGTERM: not at once, so that brokers are ended and devices given back on the way."""


def end_by_signal(number, _):
    raise Ended(128 + number)


def _child(writer, slot, slots, name, run_suite):
    signal.signal(signal.SIGTERM, end_by_signal)
    paths.take_share(slot, slots)
    lock = threading.Lock()  # cases of a suite may run in threads

    def forward(kind, what):
        with lock:
            writer.send((kind, what))
    run_suite(results.Results(forward), name)


def _start(context, slot, slots, name, run_suite):
    reader, writer = context.Pipe(duplex=False)
    sys.stdout.flush()  # or the child would print it too
    process = context.Process(target=_child, args=(writer, slot, slots, name, run_suite))
    process.start()
    writer.close()
    return reader, (process, slot, name, time.monotonic())


def _end(collected, process, name, began):
    process.join()
    if process.exitcode != 0:
        collected.add(name, "the suite", "runs to its end", False,
                      f"its process ended with {process.exitcode}")
    print(f"suite {name} took {time.monotonic() - began:.0f} s", flush=True)


def run(suites, jobs, collected, run_suite):
    """Calls run_suite(results, name) for each suite, `jobs` at a time; the first are begun first.
    With one job all run in this process, one after the other."""
    if jobs == 1:
        for name in suites:
            run_suite(collected, name)
        return
    context = multiprocessing.get_context("fork")
    waiting, free, running = list(suites), list(range(jobs)), {}
    try:
        while waiting or running:
            while waiting and free:
                reader, about = _start(context, free.pop(0), jobs, waiting.pop(0), run_suite)
                running[reader] = about
            for reader in connection.wait(list(running)):
                try:
                    collected.take(*reader.recv())
                except EOFError:
                    process, slot, name, began = running.pop(reader)
                    _end(collected, process, name, began)
                    free.append(slot)
    finally:
        for process, *_ in running.values():
            process.terminate()
        for process, *_ in running.values():
            process.join(60)
