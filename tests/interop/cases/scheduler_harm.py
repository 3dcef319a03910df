"""Suite `scheduler_harm`: what else may happen to a scheduler's cluster: its group's positions are
moved or gone, its transactional ids expire, its state is compacted hard or made anew, a foreign
transaction stays open among the commands. Nothing is fired twice or forgotten.
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


def load(broker, topic, count, seconds, name=None, value="load"):
    """As plain.load, of a topic that is there."""
    last = (int(time.time()) + seconds) * 1000
    headers = {"topic": topic, "every": "1s", "end": last, "catch-up": "all"}
    keys = [f"{name or topic}-{n}" for n in range(count)]
    plain.send_many(broker, [(key, headers, value) for key in keys])
    return keys, headers, (int(time.time()) + 1) * 1000, last


def finish(broker, topic, keys, first, last):
    # A target that was stalled is tried again after a minute at the latest.
    plain.wait_for_end(broker, topic, keys, last, 150)
    return plain.check_exactly_once(broker, topic, keys, first, last)


def each_fired(broker, topic, keys):
    """A command that is read after its target has been harmed would be rejected."""
    plain.until(f"a fire of each schedule of {topic}", lambda: {
        h["schedule"] for h, _ in plain.fires(broker, topic)} >= set(keys))


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
        plain.until("fires behind it", lambda: fired(broker, topic) >= before + 10)
    finally:
        foreign.close_input()
    foreign.finish()
    result = finish(broker, topic, keys, first, last)
    plain.send(broker, "foreign", {"topic": topic, "delay": "1s"}, "after")
    plain.until("what was sent behind it", lambda: any(
        v == "after" for _, v in plain.fires(broker, topic)))
    check(all(v != "never" for _, v in plain.fires(broker, topic)), "an aborted command fired")
    return result


def watched(broker, _scheduler, _work):
    """A topic of conditions deleted and made anew: it is read from its beginning"""
    topic, source = "seen", "watched"
    for name in (topic, source):
        make_topic(broker, name)
    plain.send(broker, "watcher", {"topic": topic, "when": f"record {source}"})
    plain.kcat(broker, "-P", "-t", source, "-p", "0", text="1\n2\n3")
    plain.until("a fire for each", lambda: fired(broker, topic) == 3)
    harm(broker, "delete", topic=source)
    make_topic(broker, source)
    plain.until("the note", lambda: [r for r in plain.run_records(broker)
                                     if r["event"] == "stalled" and r.get("watched") == source])
    plain.kcat(broker, "-P", "-t", source, "-p", "0", text="1\n2\n3\n4\n5")
    plain.until("a fire for each of the second", lambda: fired(broker, topic) >= 8)
    plain.send(broker, "beside-watcher", {"topic": topic, "delay": "1s"}, "last")
    plain.until("the last", lambda: any(v == "last" for _, v in plain.fires(broker, topic)))
    check(fired(broker, topic) == 9, f"{fired(broker, topic)} fires of 9")


def made_anew(broker, scheduler, _work):
    """Its state deleted and made anew: nothing fires until the group is deleted"""
    topic, state = "anew", "horolog.schedules.state"
    make_topic(broker, topic)
    load(broker, topic, 20, 60)
    plain.until("fires", lambda: fired(broker, topic) >= 40)
    harm(broker, "delete", topic=state)
    harm(broker, "create", topic=state, partitions=8, **{"cleanup.policy": "compact"})
    said = f"{state} was deleted and made anew"

    def refusals():
        return scheduler.log_path.read_text().count(said)

    def nothing_fires():
        before, refused = fired(broker, topic), refusals()
        plain.until("another refusal", lambda: refusals() > refused + 4)
        return fired(broker, topic) == before
    plain.until("the end of all fires", nothing_fires)
    check(scheduler.end(plain.signal.SIGTERM) == 0, "no clean stop")
    before = fired(broker, topic)
    scheduler.start()
    plain.until("nothing after a start", nothing_fires)
    found = [h["fire-id"] for h, _ in plain.fires(broker, topic)]
    check(len(found) == before and len(set(found)) == before, "it fired what had been fired")
    scheduler.end(plain.signal.SIGTERM)
    harm(broker, "offsets", group=GROUP, to="gone")
    scheduler.start()
    plain.send(broker, "after-anew", {"topic": topic, "delay": "1s"}, "after")
    plain.until("a fire", lambda: any(v == "after" for _, v in plain.fires(broker, topic)))


def run(results, broker, work, _chosen):
    with plain.Scheduler(broker, work, "scheduler", SESSION) as scheduler:
        for case in (positions, expired_id, compacted, held, watched,
                     made_anew):
            results.run(SUITE, plain.CLIENT, case.__doc__, case, broker, scheduler, work)
