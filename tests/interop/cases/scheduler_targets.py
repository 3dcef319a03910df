"""Suite `scheduler_targets`: targets that are deleted, full, too small, or that make no sense. The
others do not wait for them, and nothing is fired twice or forgotten.
"""
import time

from cases import scheduler as plain
from cases.scheduler_harm import (SESSION, each_fired, finish, fired, harm, load,
                                  make_topic)
from harness import caller
from harness.results import check

SUITE = "scheduler_targets"
SETTINGS = ("group.min.session.timeout.ms=500",)


def deleted(broker, _scheduler, _work):
    """A target deleted in the middle and made again: the others do not wait for it"""
    topic, other = "deleted", "beside-deleted"
    for name in (topic, other):
        make_topic(broker, name)
    keys, _, first, last = load(broker, topic, 10, 11)
    others = load(broker, other, 10, 22)
    each_fired(broker, topic, keys)
    harm(broker, "delete", topic=topic)
    plain.until("the stall", lambda: [r for r in plain.run_records(broker)
                                      if r["event"] == "stalled" and r["target"] == topic])
    before = fired(broker, other)
    plain.until("fires of the others", lambda: fired(broker, other) >= before + 20)
    make_topic(broker, topic)
    plain.wait_for_end(broker, topic, keys, last, 150)
    ids = [h["fire-id"] for h, _ in plain.fires(broker, topic)]
    check(len(ids) == len(set(ids)), "a fire id occurs twice in the new topic")
    history = {}
    for run in plain.run_records(broker):
        if run["event"] == "fired" and run["schedule"] in keys:
            check(history.setdefault(run["fire_id"], run) is run, "a run record occurs twice")
    check(set(ids) <= set(history), "a fire has no run record")
    times = {(r["schedule"], r["nominal_ms"]) for r in history.values()}
    lost = [(k, n) for k in keys for n in range(first + 1000, last + 1, 1000)
            if (k, n) not in times]
    check(not lost, f"{len(lost)} nominal times were lost, such as {lost[:3]}")
    return finish(broker, other, *(others[0], *others[2:]))


def restart(broker):
    check(broker.stop() == 0, f"no clean stop\n{broker.tail()}")
    broker.start()


def full_ticks(scheduler):
    """How often it found the disk full."""
    return scheduler.log_path.read_text().count("horolog.disk.low.bytes")


def no_room(broker, scheduler, _work):
    """A full disk: nothing fires, and all of it does when there is room again"""
    topics = ["full-0", "full-1"]
    for topic in topics:
        make_topic(broker, topic)
    loads = {topic: load(broker, topic, 10, 20) for topic in topics}
    for topic, (keys, *_) in loads.items():
        each_fired(broker, topic, keys)
    broker.settings.append("horolog.disk.low.bytes=100TiB")
    restart(broker)
    plain.until("a tick on it", lambda: full_ticks(scheduler) >= 3)
    before = {topic: fired(broker, topic) for topic in topics}
    plain.until("more of them", lambda: full_ticks(scheduler) >= 10)
    check({topic: fired(broker, topic) for topic in topics} == before, "a full disk took fires")
    broker.settings.pop()
    restart(broker)
    for topic, (keys, _, first, last) in loads.items():
        finish(broker, topic, keys, first, last)


def shrunk(broker, _scheduler, work):
    """A target's limit lowered below what some fires need: the others fire"""
    topic = "shrunk"
    make_topic(broker, topic)
    small = load(broker, topic, 5, 12, name="shrunk-small")
    large = load(broker, topic, 5, 12, name="shrunk-large", value="x" * 3_000)

    def fires_of(keys):
        return sum(h["schedule"] in keys for h, _ in plain.fires(broker, topic))
    for keys, *_ in (small, large):
        plain.until("fires of both", lambda keys=keys: fires_of(keys) >= 5)
    harm(broker, "config", topic=topic, **{"max.message.bytes": "1500"})

    def refused():
        return [r for r in plain.run_records(broker)
                if r["event"] == "skipped" and r["schedule"].startswith("shrunk-")]
    plain.until("fires that are named", refused)
    before = fires_of(small[0])
    plain.until("fires beside them", lambda: fires_of(small[0]) >= before + 10)
    for run in refused():
        check(run["schedule"] in large[0] and run["target"] == topic and
              "too large" in run["reason"] and "max.message.bytes" in run["reason"], run)
    shown = caller.Caller(broker, work).json("schedule", "describe", refused()[0]["schedule"])
    check(any("too large" in (r["reason"] or "") for r in shown["runs"]), shown)
    harm(broker, "config", topic=topic, **{"max.message.bytes": "1000000"})
    plain.send(broker, "large-again", {"topic": topic, "delay": "1s"}, "y" * 3_000)
    plain.until("a large fire", lambda: fires_of(["large-again"]))
    plain.wait_for_end(broker, topic, small[0], small[3])

    def accounted(key):
        return any(h["schedule"] == key and int(h["nominal-time"]) == large[3]
                   for h, _ in plain.fires(broker, topic)) or any(
            r["schedule"] == key and r["nominal_ms"] == large[3] for r in refused())
    plain.until("the end of the large ones", lambda: all(map(accounted, large[0])))
    return plain.check_exactly_once(broker, topic, small[0] + large[0], large[2], small[3])


def sizes(broker, _scheduler, _work):
    """A target with small batches takes a burst; payloads that cannot be written are rejected"""
    topic = "small"
    make_topic(broker, topic, **{"max.message.bytes": "4000"})
    at = int(time.time() * 1000) + 3_000
    keys = [f"{topic}-{n}" for n in range(60)]
    plain.send_many(broker, [(key, {"topic": topic, "at": at, "partition": 0}, "x" * 300)
                             for key in keys])
    plain.send(broker, "too-large", {"topic": topic, "at": at}, "x" * 3_900)
    make_topic(broker, "keyed", **{"cleanup.policy": "compact"})
    plain.send(broker, "no-key", {"topic": "keyed", "at": at}, "x")
    plain.send(broker, "a-key", {"topic": "keyed", "at": at, "key": "k"}, "x")
    # As much as the commands take, so that nothing can be added to it.
    plain.kcat(broker, "-P", "-t", "horolog.schedules", "-k", "huge", "-D", "END", "-X",
               "message.max.bytes=2000000", "-H", f"horolog-topic={topic}",
               "-H", f"horolog-at={at}", text="x" * 1_048_300)

    def rejected():
        return {r["schedule"]: r["reason"] for r in plain.run_records(broker)
                if r["event"] == "rejected"}
    plain.until("the refusals", lambda: {"too-large", "huge", "no-key"} <= set(rejected()))
    check("need a key (horolog-key)" in rejected()["no-key"], rejected()["no-key"])
    plain.until("the fire with a key", lambda: fired(broker, "keyed") == 1)
    for key in ("too-large", "huge"):
        check("too large" in rejected()[key] and "max.message.bytes" in rejected()[key],
              rejected()[key])
    plain.until("the burst", lambda: fired(broker, topic) >= len(keys))
    found = [h["schedule"] for h, _ in plain.fires(broker, topic)]
    check(sorted(found) == sorted(keys), f"{len(found)} fires of {len(keys)} schedules")


def bad_input(broker, _scheduler, work):
    """Commands that make no sense are refused with the reason, and harm nothing else"""
    topic = "beside-bad"
    make_topic(broker, topic)
    keys, _, first, last = load(broker, topic, 5, 6)
    target = {"topic": topic}
    bad = {"unknown-header": ({**target, "delay": "1s", "colour": "red"},
                              "unknown header 'horolog-colour'"),
           "two-times": ({**target, "at": "1", "delay": "1s"}, "contradict each other"),
           "never": ({**target, "cron": "0 0 30 2 *"}, "never fires"),
           "typing": ({**target, "cron": "61 * * * *"}, "cron column 1"),
           "no-zone": ({**target, "cron": "0 7 * * *", "timezone": "Mars/Olympus"},
                       "Mars/Olympus"),
           "past": ({**target, "at": "86400000"}, "further back than the catch-up window"),
           "no-topic": ({"topic": "not-there", "delay": "1s"}, "'not-there'"),
           "internal": ({"topic": "__consumer_offsets", "delay": "1s"}, "internal topics"),
           "ours": ({"topic": "horolog.runs", "delay": "1s"}, "the scheduler's own topics"),
           "no-calendar": ({**target, "every": "1s", "calendar": "not-there"}, "not-there"),
           "no-partition": ({**target, "delay": "1s", "partition": "99"}, "no partition 99")}
    for key, (headers, _) in bad.items():
        plain.send(broker, key, headers)
    plain.kcat(broker, "-P", "-t", "horolog.schedules", "-H", f"horolog-topic={topic}", "-H",
               "horolog-delay=1s", text="no key")

    def refused():
        return {r.get("schedule"): r for r in plain.run_records(broker)
                if r["event"] == "rejected"}
    plain.until("the refusals", lambda: {*bad, None} <= set(refused()))
    found = refused()
    for key, (_, reason) in bad.items():
        check(reason in found[key]["reason"], f"{key}: {found[key]}")
    check(found["typing"]["column"] == 1, found["typing"])
    check("the key is missing" in found[None]["reason"], found[None])
    shown = caller.Caller(broker, work).json("schedule", "describe", "never", code=3)
    check(any("never fires" in (r["reason"] or "") for r in shown["runs"]), shown)
    result = finish(broker, topic, keys, first, last)
    check({h["schedule"] for h, _ in plain.fires(broker, topic)} == set(keys), "one of them fired")
    return result


def run(results, broker, work, _chosen):
    with plain.Scheduler(broker, work, "scheduler", SESSION) as scheduler:
        for case in (deleted, shrunk, sizes, bad_input):
            results.run(SUITE, plain.CLIENT, case.__doc__, case, broker, scheduler, work)
        if broker.name == "horologd":  # a disk that is said to be full
            results.run(SUITE, plain.CLIENT, no_room.__doc__, no_room, broker, scheduler, work)
