#!/usr/bin/env python3
"""Crash and fault tests of a real broker process.

  tests/crash/run.py [--suite NAME]… [--kills N] [--cuts N] [--repeat N] [--limits N]
                     [--answers N] [--frames N] [--clients N] [--slow-seconds N]
                     [--seeds N] [--producers N] [--storms N] [--task-rounds N] [--fires N]
                     [--kafka-fires N] [--steady N] [--seed N] [--binary PATH]
                     [--target horologd|kafka] [--jobs N] [--json FILE] [--keep]

Without figures the size is the one of CI (10 kills, 20 power cuts, without `slow`); tools/soak.sh
runs the long form. Every suite prints its seed; --seed repeats it.
"""
import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import rig  # noqa: F401  (sets the path to the harness)
import badinput
import chaos
import compact
import damage
import disk
import eio
import fires
import hostile
import idempotence
import kill
import powercut
import slow
import taskkills
from harness import broker as brokers
from harness import parallel, results

SUITES = {"kill": kill, "compact": compact, "powercut": powercut, "idempotence": idempotence,
          "chaos": chaos, "damage": damage, "eio": eio, "disk": disk, "hostile": hostile,
          "badinput": badinput, "slow": slow, "taskkills": taskkills, "fires": fires}
LONG_ONLY = {"slow"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", action="append", choices=sorted(SUITES))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=1, help="times the fault suites are run")
    parser.add_argument("--limits", type=int, default=1, help="descriptor limits that are tried")
    parser.add_argument("--answers", type=int, default=6000,
                        help="records per producer behind the proxy that loses answers")
    parser.add_argument("--frames", type=int, default=5000, help="malformed requests")
    parser.add_argument("--clients", type=int, default=5000, help="slow ones, and as many idle")
    parser.add_argument("--slow-seconds", type=int, default=75)
    parser.add_argument("--seeds", type=int, default=1, help="times chaos is run")
    parser.add_argument("--producers", type=int, default=6,
                        help="transactional ones in chaos, of each of three libraries")
    parser.add_argument("--storms", type=int, default=4, help="kills and freezes in chaos")
    parser.add_argument("--task-rounds", type=int, default=20, help="kills under task workers")
    parser.add_argument("--fires", type=int, default=20, help="kills under schedulers that fire")
    parser.add_argument("--kafka-fires", type=int, default=3, help="the same on Apache Kafka")
    parser.add_argument("--steady", type=int, default=1000, help="schedules that fire each second")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--binary")
    parser.add_argument("--target", choices=("horologd", "kafka"), default="horologd")
    parser.add_argument("--jobs", type=int, default=1, help="suites that run at once")
    parser.add_argument("--json")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def summary(counts):
    """One line for whoever quotes the run."""
    c = {name: 0 for name in ("kills", "cuts", "acked", "lost", "duplicates", "commits",
                              "commits_back", "lost_answer_records", "lost_answers",
                              "transactions", "chaos_kills", "transactions_doubled",
                              "transactions_lost", "tasks", "task_attempts", "task_kills")
         } | counts
    return (f"{c['kills']} kill -9 rounds and {c['cuts']} power cuts, {c['acked']} records "
            f"acknowledged: {c['lost']} lost, {c['duplicates']} duplicates with idempotence; "
            f"{c['commits']} commits: {c['commits_back']} gone back; {c['lost_answers']} answers "
            f"dropped under {c['lost_answer_records']} idempotent records; "
            f"{c['transactions']} transactions, {c['chaos_kills']} kills: "
            f"{c['transactions_doubled']} doubled, {c['transactions_lost']} lost; {c['tasks']} "
            f"tasks in {c['task_attempts']} attempts under {c['task_kills']} kills, each over once")


def run_suite(collected, name, asked, work):
    collected.folder = work / name
    since = time.time()
    print(f"suite {name}", flush=True)

    def make_broker(folder, settings=(), **options):
        if options:
            return brokers.Horologd(folder, settings, asked.binary, **options)
        return brokers.make_broker(asked.target, folder, settings, asked.binary,
                                   brokers.KAFKA_TO_KILL)

    try:
        SUITES[name].run(collected, make_broker, work / name, asked)
    except Exception as e:  # a broker that does not start takes its suite along, not the run
        collected.failure(name, asked.target, "starts", e, since)


def main():
    signal.signal(signal.SIGTERM, parallel.end_by_signal)
    asked = arguments()
    collected = results.Results()
    work = pathlib.Path(tempfile.mkdtemp(prefix="horolog-crash-"))
    print(f"target {asked.target}, work folder {work}", flush=True)
    suites = asked.suite or [s for s in SUITES if s not in LONG_ONLY]
    parallel.run(suites, asked.jobs, collected,
                 lambda mine, name: run_suite(mine, name, asked, work))
    said = summary(collected.counts)
    print(f"counts: {dict(sorted(collected.counts.items()))}\nsummary: {said}", flush=True)
    code = collected.finish(suites, asked.json, {"summary": said})
    if code == 0 and not asked.keep:
        shutil.rmtree(work, ignore_errors=True)
    else:
        print(f"kept {work}")
    return code


if __name__ == "__main__":
    sys.exit(main())
