#!/usr/bin/env python3
"""Crash and fault tests of a real broker process.

  tests/crash/run.py [--suite NAME]… [--kills N] [--cuts N] [--seed N] [--binary PATH]
                     [--target horologd|kafka] [--json FILE] [--keep]

Without figures the size is the one of CI (10 kills, 20 power cuts); tools/soak.sh runs the long
form. Every suite prints its seed; --seed repeats it.
"""
import argparse
import pathlib
import shutil
import sys
import tempfile

import rig  # noqa: F401  (sets the path to the harness)
import badinput
import damage
import disk
import kill
import powercut
from harness import broker as brokers
from harness import results

SUITES = {"kill": kill, "powercut": powercut, "damage": damage, "disk": disk,
          "badinput": badinput}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", action="append", choices=sorted(SUITES))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=1, help="times the fault suites are run")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--binary")
    parser.add_argument("--target", choices=("horologd", "kafka"), default="horologd")
    parser.add_argument("--json")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def main():
    asked = arguments()
    collected = results.Results()
    work = pathlib.Path(tempfile.mkdtemp(prefix="horolog-crash-"))
    print(f"target {asked.target}, work folder {work}", flush=True)

    def make_broker(folder, settings=(), **options):
        if options:
            return brokers.Horologd(folder, settings, asked.binary, **options)
        return brokers.make_broker(asked.target, folder, settings, asked.binary)

    suites = asked.suite or list(SUITES)
    for name in suites:
        try:
            SUITES[name].run(collected, make_broker, work / name, asked)
        except Exception as e:  # a broker that does not start takes its suite along, not the run
            collected.add(name, asked.target, "starts", False, f"{type(e).__name__}: {e}")
    code = collected.finish(suites, asked.json)
    if code == 0 and not asked.keep:
        shutil.rmtree(work, ignore_errors=True)
    else:
        print(f"kept {work}")
    return code


if __name__ == "__main__":
    sys.exit(main())
