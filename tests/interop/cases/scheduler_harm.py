"""Suite `scheduler_harm`: what else may happen to a scheduler's cluster: its group's positions are
moved or gone, its transactional ids expire, its state is compacted hard, targets are deleted or too
small, a foreign transaction stays open among the commands. Nothing is fired twice or forgotten.
"""
import time

from cases import scheduler as plain
from harness import clients, driver, paths
from harness.results import check

SUITE = "scheduler_harm"
GROUP = "horolog-scheduler"
SESSION = ("--session-timeout-ms", "1500")
SETTINGS = ("group.min.session.timeout.ms=500", "log.cleaner.backoff.ms=100",
            "transactional.id.expiration.ms=1500",
            "transaction.remove.expired.transaction.cleanup.interval.ms=500")
HARM = paths.SOURCE / "tests" / "proof" / "harm.py"


def command():
    return [clients.python_env(), HARM]


def harm(broker, verb, **options):
    driver.run(command(), verb, bootstrap=broker.bootstrap, **options)


def make_topic(broker, topic, **config):
    harm(broker, "create", topic=topic, **config)
    plain.until(f"topic {topic}", lambda: f'"{topic}" with 3' in plain.kcat(broker, "-L"))


def fired(broker, topic):
    return len(plain.fires(broker, topic))


def load(broker, topic, count, seconds, **more):
    """As plain.load, of a topic that is there."""
    last = (int(time.time()) + seconds) * 1000
    headers = {"topic": topic, "every": "1s", "end": last, "catch-up": "all", **more}
    keys = [f"{topic}-{n}" for n in range(count)]
    plain.send_many(broker, [(key, headers, "load") for key in keys])
    return keys, headers, (int(time.time()) + 1) * 1000, last


def each_fired(broker, topic, keys):
    """A command that is read after its target has been harmed would be rejected."""
    plain.until(f"a fire of each schedule of {topic}", lambda: {
        h["schedule"] for h, _ in plain.fires(broker, topic)} >= set(keys))


def finish(broker, topic, keys, first, last):
    # A target that was stalled is tried again after a minute at the latest.
    plain.wait_for_end(broker, topic, keys, last, 150)
    return plain.check_exactly_once(broker, topic, keys, first, last)


def positions(broker, scheduler, _work):
    """The group's positions set to 0, then the group deleted"""
    topic = "positions"
    make_topic(broker, topic)
    keys, _, first, last = load(broker, topic, 30, 10)
    for seen, to in ((30, 0), (90, "gone")):
        plain.until("fires", lambda seen=seen: fired(broker, topic) > seen)
        check(scheduler.end(plain.signal.SIGTERM) == 0, "no clean stop")
        harm(broker, "offsets", group=GROUP, to=to)
        scheduler.start()
    return finish(broker, topic, keys, first, last)


def expired_id(broker, scheduler, _work):
    """Idle until its transactional ids have expired"""
    topic = "expired-id"
    make_topic(broker, topic)
    at = int(time.time() * 1000) + 6_000
    keys = [f"{topic}-{n}" for n in range(20)]
    plain.send_many(broker, [(key, {"topic": topic, "at": at}, "v") for key in keys])
    plain.until("the fires", lambda: fired(broker, topic) >= len(keys), 60)
    found = [h["schedule"] for h, _ in plain.fires(broker, topic)]
    check(sorted(found) == sorted(keys), f"{len(found)} fires of {len(keys)} schedules")
    check(scheduler.process.poll() is None, "the scheduler has ended")


def compacted(broker, scheduler, _work):
    """Its state compacted hard, then kill -9"""
    topic = "compacted"
    make_topic(broker, topic)
    harm(broker, "config", topic="horolog.schedules.state", **{
        "segment.ms": "500", "min.cleanable.dirty.ratio": "0.01", "delete.retention.ms": "1"})
    keys, headers, first, last = load(broker, topic, 40, 11)
    gone = [f"{topic}-gone-{n}" for n in range(40)]
    plain.send_many(broker, [(key, {"topic": topic, "delay": "1h"}, "never") for key in gone])
    plain.send_many(broker, [(key, {}, "") for key in gone])
    plain.send_many(broker, [(key, headers, "replaced") for key in keys[:20]])

    def states():
        out = plain.kcat(broker, "-C", "-t", "horolog.schedules.state", "-o", "beginning", "-e",
                         "-q", "-f", "%o %k\n").splitlines()
        cursors = [line for line in out if f"cursor:{topic}-" in line]
        return len(cursors)
    plain.until("fires", lambda: fired(broker, topic) > 200)
    plain.until("a compaction", lambda: states() < fired(broker, topic) // 2)
    scheduler.end()
    scheduler.start()
    return finish(broker, topic, keys, first, last)


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


def half_full(broker, _scheduler, _work):
    """Half of the targets take nothing, and then do again"""
    good, bad = ["open-0", "open-1"], ["full-0", "full-1"]
    for topic in good:
        make_topic(broker, topic)
    for topic in bad:
        make_topic(broker, topic)
    loads = {topic: load(broker, topic, 10, 22) for topic in good + bad}
    for topic, (keys, *_) in loads.items():
        each_fired(broker, topic, keys)
    for topic in bad:
        harm(broker, "config", topic=topic, **{"max.message.bytes": "100"})
    for topic in bad:
        plain.until("the stalls", lambda topic=topic: [
            r for r in plain.run_records(broker)
            if r["event"] == "stalled" and r["target"] == topic and r["reason"]])
    for topic in good:
        plain.until("fires", lambda topic=topic: fired(broker, topic) >= 30)
    for topic in bad:
        harm(broker, "config", topic=topic, **{"max.message.bytes": "1000000"})
    for topic, (keys, _, first, last) in loads.items():
        finish(broker, topic, keys, first, last)


def sizes(broker, _scheduler, _work):
    """A target with small batches takes a burst; payloads that cannot be written are rejected"""
    topic = "small"
    make_topic(broker, topic, **{"max.message.bytes": "4000"})
    at = int(time.time() * 1000) + 3_000
    keys = [f"{topic}-{n}" for n in range(60)]
    plain.send_many(broker, [(key, {"topic": topic, "at": at, "partition": 0}, "x" * 300)
                             for key in keys])
    plain.send(broker, "too-large", {"topic": topic, "at": at}, "x" * 3_900)
    # As much as the commands take, so that nothing can be added to it.
    plain.kcat(broker, "-P", "-t", "horolog.schedules", "-k", "huge", "-D", "END", "-X",
               "message.max.bytes=2000000", "-H", f"horolog-topic={topic}",
               "-H", f"horolog-at={at}", text="x" * 1_048_300)

    def rejected():
        return {r["schedule"]: r["reason"] for r in plain.run_records(broker)
                if r["event"] == "rejected"}
    plain.until("the refusals", lambda: {"too-large", "huge"} <= set(rejected()))
    for key in ("too-large", "huge"):
        check("too large" in rejected()[key] and "max.message.bytes" in rejected()[key],
              rejected()[key])
    plain.until("the burst", lambda: fired(broker, topic) >= len(keys))
    found = [h["schedule"] for h, _ in plain.fires(broker, topic)]
    check(sorted(found) == sorted(keys), f"{len(found)} fires of {len(keys)} schedules")


def held(broker, _scheduler, _work):
    """A foreign transaction left open among the commands: firing goes on"""
    topic = "held"
    make_topic(broker, topic)
    keys, _, first, last = load(broker, topic, 10, 16)
    each_fired(broker, topic, keys)
    foreign = driver.Driver(command(), "hold", bootstrap=broker.bootstrap, key="foreign",
                            value="never", **{"horolog-topic": topic, "horolog-delay": "1s"})
    try:
        foreign.wait_for(lambda lines: lines, 60, "the open transaction")
        before = fired(broker, topic)
        plain.until("fires behind it", lambda: fired(broker, topic) >= before + 30)
    finally:
        foreign.close_input()
    foreign.finish()
    result = finish(broker, topic, keys, first, last)
    plain.send(broker, "foreign", {"topic": topic, "delay": "1s"}, "after")
    plain.until("what was sent behind it", lambda: any(
        v == "after" for _, v in plain.fires(broker, topic)))
    check(all(v != "never" for _, v in plain.fires(broker, topic)), "an aborted command fired")
    return result


def run(results, broker, work, _chosen):
    with plain.Scheduler(broker, work, "scheduler", SESSION) as scheduler:
        for case in (positions, expired_id, compacted, deleted, half_full, sizes, held):
            results.run(SUITE, plain.CLIENT, case.__doc__, case, broker, scheduler, work)
