"""Suite `scheduler_clock`: the wall clock of a broker with its scheduler is set while it fires
(drivers/wall_clock.cpp). Its monotonic clock goes on, as on a machine whose clock is set.
"""
import datetime
import pathlib
import struct
import time
from concurrent import futures

from cases import scheduler as plain
from harness import broker as brokers
from harness.results import check

SUITE = "scheduler_clock"
HOUR, DAY = 3_600, 86_400


class Clock:
    """So many seconds ahead of ours; may be set while a program runs under it."""

    def __init__(self, folder, ahead=0):
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "clock"
        self.path.write_bytes(bytes(8))
        self.set(ahead)

    def set(self, ahead):
        self.ahead = ahead
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", ahead * 1000))

    def prefix(self, binary):
        library = pathlib.Path(binary).parent / "wall_clock.so"
        check(library.exists(), f"{library} is missing: build all targets")
        return ["env", f"LD_PRELOAD={library}", f"WALL_CLOCK_FILE={self.path}"]

    def now(self):
        """Whole seconds."""
        return int(time.time()) + self.ahead


def with_clock(broker, folder, ahead, case, *words):
    clock = Clock(folder, ahead)
    settings = ["num.partitions=3", "scheduler.enabled=true"]
    with brokers.Horologd(folder, settings, broker.binary, clock.prefix(broker.binary)) as own:
        return case(own, clock, *words)


def nominal_times(broker, topic):
    return [int(h["nominal-time"]) for h, _ in plain.fires(broker, topic)]


def stepped(broker, clock, step):
    """Forward, back again, and forward for good: each nominal time once, or named."""
    topic = "stepped"
    plain.make_topic(broker, topic)
    began = clock.now()
    last = (began + step + 25) * 1000
    keys = [f"{topic}-{n}" for n in range(5)]
    plain.send_many(broker, [(key, {"topic": topic, "every": "1s", "end": last,
                                    "catch-up-window": "48h"}, "v") for key in keys])
    first = (clock.now() + 1) * 1000

    def reached(second):
        return any(n >= second * 1000 for n in nominal_times(broker, topic))
    plain.until("fires", lambda: reached(began + 3))
    clock.set(step)
    plain.until("fires after the step", lambda: reached(began + step), 40)
    clock.set(0)
    plain.send(broker, "new", {"topic": topic, "delay": "2s"}, "new")
    plain.until("what is due by the clock set back", lambda: any(
        v == "new" for _, v in plain.fires(broker, topic)))
    clock.set(step)
    plain.until("the last fire of every schedule", lambda: {
        h["schedule"] for h, _ in plain.fires(broker, topic)
        if int(h["nominal-time"]) == last} >= set(keys), 60)
    fired = plain.fires(broker, topic)
    early = [h for h, _ in fired if int(h["fired-time"]) < int(h["nominal-time"])]
    check(not early, f"{len(early)} fires before their time, such as {early[:2]}")
    named = sum(r.get("count", 1) for r in plain.run_records(broker) if r["event"] == "missed")
    check(named > step, f"only {named} nominal times are named as missed")
    fired_by_rule = [(h, v) for h, v in fired if h["schedule"] != "new"]
    seen = {(h["schedule"], h["nominal-time"]) for h, _ in fired_by_rule}
    check(len(seen) == len(fired_by_rule), "a nominal time was fired twice")
    spans = [(r["schedule"], r["nominal_ms"], r.get("until_ms", r["nominal_ms"]))
             for r in plain.run_records(broker) if r["event"] in ("missed", "skipped")]
    lost = [(key, n) for key in keys for n in range(first + 1000, last + 1, 1000)
            if (key, str(n)) not in seen
            and not any(k == key and a <= n <= b for k, a, b in spans)]
    check(not lost, f"{len(lost)} nominal times are neither fired nor named, such as {lost[:3]}")


def summer_time(broker, clock, crons):
    """Berlin's clock is changed 18 seconds after the start; `crons`: spec -> nominal times"""
    topic = "summer-time"
    plain.make_topic(broker, topic)
    for spec in crons:
        plain.send(broker, spec, {"topic": topic, "cron": spec, "timezone": "Europe/Berlin"}, "v")
    change = (clock.now() // HOUR + 1) * HOUR
    plain.send(broker, "over", {"topic": topic, "at": (change + 4) * 1000}, "over")
    plain.until("the change", lambda: any(v == "over" for _, v in plain.fires(broker, topic)), 60)
    for spec, wanted in crons.items():
        found = sorted(int(h["nominal-time"]) // 1000 - change
                       for h, _ in plain.fires(broker, topic) if h["schedule"] == spec)
        check([n for n in found if n in wanted] == list(wanted) and len(found) == len(set(found)),
              f"{spec}: fired {found} seconds after the change, wanted {wanted}")
        check("* * * * * *" in spec or found == list(wanted), f"{spec}: fired {found}")


def ahead_of(text):
    """18 seconds before the change, from now on: the schedules are there by then."""
    at = datetime.datetime.fromisoformat(text).timestamp()
    return int(at - 18 - time.time())


def run(results, broker, work, _chosen):
    if broker.name != "horologd":
        return results.add(SUITE, broker.name, "runs Horolog's scheduler inside", False)
    every_second = tuple(range(-2, 4))
    cases = [(f"{name} forward, back and forward", 0, stepped, step)
             for step, name in ((HOUR, "an hour"), (DAY, "a day"))]
    for text, crons in (
            ("2027-03-28T01:00:00+00:00",
             {"0 30 2 * * *": (0,), "0 0 3 * * *": (0,), "* * * * * *": every_second}),
            ("2027-10-31T01:00:00+00:00",
             {"0 0 2 * * *": (), "59 59 2 * * *": (-1,), "* * * * * *": every_second})):
        cases.append((f"through {text[:10]} in Berlin", ahead_of(text), summer_time, crons))
    # They mostly wait.
    with futures.ThreadPoolExecutor(len(cases)) as pool:
        done = [pool.submit(results.run, SUITE, plain.INSIDE, name, with_clock, broker,
                            work / f"clock-{number}", ahead, case, *words)
                for number, (name, ahead, case, *words) in enumerate(cases)]
        for each in done:
            each.result()
    return None
