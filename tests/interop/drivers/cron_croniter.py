#!/usr/bin/env python3
"""Lines "spec TAB zone TAB from TAB count" on stdin; for each a line with croniter's next times."""
import datetime
import sys
import zoneinfo

from croniter import CroniterBadDateError, croniter


def answer(spec, zone, start, count):
    begin = datetime.datetime.fromtimestamp(int(start), zoneinfo.ZoneInfo(zone))
    try:
        walk = croniter(spec, begin, ret_type=float)
    except (ValueError, KeyError) as e:
        return f"refused: {e}"
    times = []
    try:
        while len(times) < int(count):
            times.append(str(int(walk.get_next())))
    except CroniterBadDateError:
        pass
    return " ".join(times) or "none"


for line in sys.stdin:
    print(answer(*line.rstrip("\n").split("\t")), flush=True)
