#!/usr/bin/env python3
"""Runs Horolog (or Apache Kafka, as the reference) against clients and tools that are not ours.

  tests/interop/run.py [--target horologd|kafka] [--binary PATH] [--suite NAME]… [--client NAME]…
                       [--jobs N] [--json FILE] [--keep]

Prints a line per case as it ends, the counts per suite and a closing "N passed, N failed". Exit
code 1 when something failed or a suite ran nothing.
"""
import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from cases import admin_clients  # noqa: E402
from cases import clients as clients_suite  # noqa: E402
from cases import compaction, conditions, cron_peers, files, inflight, library  # noqa: E402
from cases import mixed, moveout  # noqa: E402
from cases import command_goldens, own_command, own_consumer, own_groups, own_older  # noqa: E402
from cases import own_producer, own_streams, scheduler, scheduler_clients  # noqa: E402
from cases import scheduler_clock, scheduler_harm, scheduler_stops, scheduler_targets  # noqa: E402
from cases import schedules, streams, tasks, tools, transactions  # noqa: E402
from harness import broker as brokers  # noqa: E402
from harness import clients, parallel, results  # noqa: E402

# The longest first, so that none is left alone at the end, and those that mostly wait beside
# those that do not.
SUITES = {"tasks": tasks, "conditions": conditions, "scheduler_harm": scheduler_harm,
          "scheduler_targets": scheduler_targets, "clients": clients_suite,
          "scheduler_stops": scheduler_stops, "moveout": moveout,
          "transactions": transactions, "scheduler": scheduler, "own_consumer": own_consumer,
          "scheduler_clock": scheduler_clock, "inflight": inflight, "mixed": mixed,
          "streams": streams, "compaction": compaction, "own_groups": own_groups,
          "library": library, "own_command": own_command,
          "scheduler_clients": scheduler_clients, "tools": tools, "own_older": own_older,
          "own_producer": own_producer, "schedules": schedules, "files": files,
          "admin": admin_clients, "own_streams": own_streams,
          "command_goldens": command_goldens, "cron": cron_peers}


def prepare(names, collected):
    """Fetches and builds the chosen clients; one that cannot be had is a failed row."""
    out = []
    for name in names:
        made = collected.run("prepare", name, "fetched or built", clients.ALL[name])
        if isinstance(made, clients.Client):
            out.append(made)
    return out


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=("horologd", "kafka"), default="horologd")
    parser.add_argument("--binary", help="the horologd to test (default: build/release)")
    parser.add_argument("--suite", action="append", choices=sorted(SUITES))
    parser.add_argument("--client", action="append", choices=sorted(clients.ALL))
    parser.add_argument("--jobs", type=int, default=1, help="suites that run at once")
    parser.add_argument("--json", help="where to write the rows")
    parser.add_argument("--keep", action="store_true", help="keep the work folder")
    return parser.parse_args()


def run_suite(collected, name, asked, work, chosen):
    folder = collected.folder = work / name
    since = time.time()
    settings = ["num.partitions=3", *getattr(SUITES[name], "SETTINGS", ())]
    broker = brokers.make_broker(asked.target, folder, settings, asked.binary)
    try:
        with broker:
            SUITES[name].run(collected, broker, folder, chosen)
    except Exception as e:  # a broker that dies takes its suite along, not the run
        collected.failure(name, "broker", "stays up", e, since)


def main():
    signal.signal(signal.SIGTERM, parallel.end_by_signal)
    asked = arguments()
    suites = asked.suite or list(SUITES)
    collected = results.Results()
    chosen = prepare(asked.client or list(clients.ALL), collected)
    work = pathlib.Path(tempfile.mkdtemp(prefix="horolog-interop-"))
    print(f"target {asked.target}, work folder {work}", flush=True)
    parallel.run(suites, asked.jobs, collected,
                 lambda mine, name: run_suite(mine, name, asked, work, chosen))
    about = {"target": asked.target, "clients": [
        {"name": c.name, "language": c.language, "version": c.version, "note": c.note}
        for c in chosen]}
    code = collected.finish(["prepare", *suites], asked.json, about)
    if not asked.keep and code == 0:
        shutil.rmtree(work, ignore_errors=True)
    else:
        print(f"kept {work}")
    return code


if __name__ == "__main__":
    sys.exit(main())
