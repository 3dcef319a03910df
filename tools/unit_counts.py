#!/usr/bin/env python3
"""Counts what ctest ran: a line per program, then "passed failed" on the last line.

GoogleTest programs report their cases as JSON (GTEST_OUTPUT); any other test counts as one.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as xml


def main():
    folder = pathlib.Path(sys.argv[1])
    total_good = total_bad = 0
    counted = {}
    for report in sorted(folder.glob("*.json")):
        found = json.loads(report.read_text())
        skipped = sum(case.get("result") == "SKIPPED"
                      for suite in found["testsuites"] for case in suite["testsuite"])
        bad = found["failures"] + found["errors"]
        if skipped:
            print(f"  {report.stem}: {skipped} skipped, which counts as failed")
        counted[report.stem] = (found["tests"] - bad - skipped, bad + skipped)
    for case in xml.parse(folder / "ctest.xml").getroot().iter("testcase"):
        name = case.get("name")
        ok = case.get("status") == "run"
        good, bad = counted.get(f"test_{name}", (1, 0) if ok else (0, 1))
        if not ok and bad == 0:
            bad = 1
        if good + bad == 0:
            print(f"  {name}: ran nothing, which counts as failed")
            bad = 1
        print(f"  {name}: {good} passed, {bad} failed ({float(case.get('time', 0)):.1f} s)")
        total_good += good
        total_bad += bad
    print(total_good, total_bad)


if __name__ == "__main__":
    main()
