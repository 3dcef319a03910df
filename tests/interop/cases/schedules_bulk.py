"""Cases of the suite `schedules`: very many schedules changed at once; what a cancel promises."""
import json
import time

from cases.scheduler import SEPARATOR, fires, kcat, make_topic, until
from harness.results import check

# The command sends 20,000 in one part.
COUNT = 25_000


def produce(call, topic, schedules):
    """Commands (key, value, headers) through the producer of the command line."""
    path = call.home / f"{topic}.jsonl"
    with open(path, "w") as out:
        for key, value, headers in schedules:
            pairs = {"topic": topic, **headers}.items()
            out.write(json.dumps({"key": key, "value": value, "headers": [
                {"key": f"horolog-{name}", "value": text} for name, text in pairs]}) + "\n")
    call("produce", "horolog.schedules", "--json", "-l", path)


def thousands(call, broker):
    """More than one part of a bulk change: a short plan, every command printed once, all gone."""
    make_topic(broker, "bulk")
    produce(call, "bulk", ((f"bulk:{n:05}", "x", {"every": "1d", "labels": "job=bulk"})
                         for n in range(COUNT)))
    until("all of them", lambda: call.out("schedule", "ls", "bulk:*", "--output", "name")
          .count("\n") == COUNT)
    plan = call("schedule", "rm", "--label", "job=bulk", "--output", "name", code=6)
    check(plan.stdout.splitlines() == [f"bulk:{n:05}" for n in range(1000)], plan.stdout[-200:])
    check(f"the first 1000 of {COUNT} schedules, {COUNT} into bulk" in plan.stderr, plan.stderr)
    sent = call.out("schedule", "rm", "--label", "job=bulk", "--yes", "--output", "csv")
    rows = [line.split(",") for line in sent.splitlines()]
    check(rows[0] == ["key", "partition", "offset"], rows[0])
    check([row[0] for row in rows[1:]] == [f"bulk:{n:05}" for n in range(COUNT)],
          f"{len(rows)} lines")
    check(len({(p, o) for _, p, o in rows[1:]}) == COUNT, "two commands have one offset")
    check(call.json("schedule", "ls", "bulk:*")["schedules"] == [], "not cancelled")


def cancelled_in_time(call, broker):
    """No schedule fires whose cancel by our own client was appended before it was due."""
    topic, count = "in-time", 300
    make_topic(broker, topic)
    first = int(time.time() * 1000) + 2_500
    due = {f"in-time:{n}": first + 10 * n for n in range(count)}
    produce(call, topic, (
        (key, "v", {"at": str(at), "labels": f"group={n % 4}"})
        for n, (key, at) in enumerate(due.items())))
    for group in range(4):
        until("the time", lambda: time.time() * 1000 > first + 600 * group)
        call("schedule", "rm", "--label", f"group={group}", "--yes")
    lines = kcat(broker, "-C", "-t", "horolog.schedules", "-o", "beginning", "-e", "-q",
                 "-f", f"%T{SEPARATOR}%k{SEPARATOR}%S\n").splitlines()
    appended = {key: int(at) for at, key, size in (line.split(SEPARATOR) for line in lines)
                if size == "-1"}
    early = {key for key in due if appended.get(key, due[key]) < due[key]}
    call("schedule", "create", "in-time:last", "--topic", topic, "--delay", "2s",
         "--value", "last")
    until("the last", lambda: any(v == "last" for _, v in fires(broker, topic)))
    fired = [h["schedule"] for h, _ in fires(broker, topic)]
    check(len(early) > 30 and len(fired) > 30, f"{len(early)} early cancels, {len(fired)} fires")
    check(not early & set(fired), f"fired although cancelled: {sorted(early & set(fired))[:5]}")
    check(set(due) == early | (set(fired) - {"in-time:last"}), "neither cancelled nor fired: "
          f"{sorted(set(due) - early - set(fired))[:5]}")
    return f"{len(early)} cancelled in time, {len(fired) - 1} fired before"
