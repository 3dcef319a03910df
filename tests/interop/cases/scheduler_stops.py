"""Suite `scheduler_stops`: the owner of the partitions is stopped at each step of a transaction.

SIGSTOP at a step boundary for longer than the session, while one or two others take over; then
SIGCONT, and it goes on from exactly there. SCHEDULER_STOP_CROSSINGS says at which crossings of each
step, by comma (tools/soak.sh tries many).
"""
import contextlib
import os
import pathlib
import signal
import subprocess
import threading
import time

from cases import scheduler as plain
from harness import paths
from harness.results import check

SUITE = "scheduler_stops"
SETTINGS = ("group.min.session.timeout.ms=500",)
STEPS = ("txn-added", "txn-before-offset", "txn-before-end", "txn-ended")
CLIENT = "horolog-scheduler"
SESSION_MS = 1500


class Stopping:
    """The program that stops itself at the nth crossing of a step."""

    def __init__(self, broker, step, nth):
        binary = pathlib.Path(getattr(broker, "binary", paths.default_binary())).parent
        self.process = subprocess.Popen(
            [str(binary / "stopping_scheduler"), broker.bootstrap, step, str(nth),
             str(SESSION_MS)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def line(self, wanted, seconds=60):
        lines = []
        reader = threading.Thread(target=lambda: lines.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(seconds)
        check(lines and lines[0].startswith(wanted), f"no line '{wanted}' but {lines}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()


def stopped_at(broker, work, step, nth, others, count=40):
    topic = f"{step}-{nth}-{time.monotonic_ns()}"
    logs = []
    with Stopping(broker, step, nth) as first:
        first.line("ready")
        keys, _, begin, last = plain.load(broker, topic, count, 12)
        first.line("stopped")
        before = len(plain.fires(broker, topic))
        options = ("--session-timeout-ms", str(SESSION_MS))
        with contextlib.ExitStack() as beside:
            for n in range(others):
                one = plain.Scheduler(broker, work, f"{topic}-beside-{n}", options)
                beside.enter_context(one)
                logs.append(one.log_path)
            plain.until("a takeover", lambda: any(
                "partition taken over" in log.read_text() for log in logs))
            plain.wait_for_fires(broker, topic, before + count)
            os.kill(first.process.pid, signal.SIGCONT)
            plain.wait_for_end(broker, topic, keys, last)
            time.sleep(1)  # whatever it may still do wrongly, it does now
            return plain.check_exactly_once(broker, topic, keys, begin, last)


def run(results, broker, work, _chosen):
    for nth in map(int, os.environ.get("SCHEDULER_STOP_CROSSINGS", "3").split(",")):
        for n, step in enumerate(STEPS):
            others = 1 + (n + nth) % 2
            results.run(SUITE, CLIENT, f"one of {others + 1} stopped at {step}, crossing {nth}",
                        stopped_at, broker, work, step, nth, others)
