"""Cases of the suite `schedules`: very many schedules changed at once; what a cancel promises."""
import json
import time

from cases.scheduler import fires, make_topic, run_records, until
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
    """No schedule fires whose cancel by our own client was stored before it was due."""
    topic, count = "in-time", 300
    make_topic(broker, topic)
    first = int(time.time() * 1000) + 4_000
    due = {f"in-time:{n}": first + 30 * n for n in range(count)}
    produce(call, topic, (
        (key, "v", {"at": str(at), "labels": f"group={n % 4}"})
        for n, (key, at) in enumerate(due.items())))
    early, stored = set(), {}
    for group in range(4):
        until("the time", lambda: time.time() * 1000 > first + 1_800 * group)
        sent = call.out("schedule", "rm", "--label", f"group={group}", "--yes", "--no-wait",
                        "--output", "name").splitlines()
        # It returns when the cancels are stored, and before anything has decided about them.
        stored[group] = time.time() * 1000
        early |= {key for key in sent if due[key] > stored[group]}
    call("schedule", "create", "in-time:last", "--topic", topic, "--delay", "2s",
         "--value", "last")
    until("the last", lambda: any(v == "last" for _, v in fires(broker, topic)))
    fired = {h["schedule"] for h, _ in fires(broker, topic)}
    check(len(early) > 30 and len(fired) > 30, f"{len(early)} early cancels, {len(fired)} fires")
    check(not early & fired, f"fired although cancelled: {sorted(early & fired)[:5]}")
    # Of those whose cancel came at about the time that they were due, some still waited.
    named = {r["schedule"] for r in run_records(broker) if r["event"] == "skipped"}
    lost = [key for n, (key, at) in enumerate(due.items())
            if key not in early | fired | named and at > stored[n % 4]]
    check(not lost, f"neither cancelled nor fired: {lost[:5]}")
    return f"{len(early)} cancelled in time, {len(fired) - 1} fired"
