"""Suite `conditions`: schedules that wait for records, runs, silence, counts and lag.

The checker shares nothing with the scheduler: it reads the watched topics and the targets with
kcat, read_committed, and works out for itself which occurrences there were.
"""
import json
import os
import pathlib
import subprocess
import time
from concurrent import futures

from harness import broker as brokers
from harness.results import check

from . import conditions_work
from .conditions_rig import accepted, causes, partitions, seeds, wait_for
from .scheduler import CLIENT, INSIDE, Scheduler, kcat, run_records, until
from .task_rig import produce, program, read_all

SUITE = "conditions"
SILENCE_MS = 3000
UNSURE_MS = 1000  # between the time that a beat carries and its arrival


def end_run(broker, schedule, fire_id, event):
    """What a worker writes. The scheduler looks in the schedule's own partition only."""
    run = json.dumps({"event": event, "schedule": schedule, "fire_id": fire_id})
    for partition in range(partitions(broker, "horolog.runs")):
        kcat(broker, "-P", "-t", "horolog.runs", "-p", str(partition), "-k", fire_id, text=run)


def each_kind(broker, work):
    """The five conditions, alone, together and with a time; refusals with their column."""
    seeds(broker, "kinds", "orders", "beats", "mails")
    wait_for(broker, "record", {"topic": "kinds"}, ["record orders key=eu"])
    wait_for(broker, "delay", {"topic": "kinds", "delay": "1s"}, ["record orders key=eu"])
    wait_for(broker, "debounce", {"topic": "kinds", "delay": "2s"}, ["record orders restart"])
    wait_for(broker, "count", {"topic": "kinds"}, ["count orders 3"])
    wait_for(broker, "silence", {"topic": "kinds"}, ["silence beats for 3s"])
    wait_for(broker, "lag", {"topic": "kinds"}, ["lag nobody mails above 4"])
    wait_for(broker, "after", {"topic": "kinds"}, ["after import", "after export done"])
    wait_for(broker, "gated", {"topic": "kinds", "every": "1s", "limit": 1}, ["record orders"])
    wait_for(broker, "bad", {"topic": "kinds"}, ["record orders kei=eu"])
    wait_for(broker, "absent", {"topic": "kinds"}, ["silence nothing for 3s"])
    accepted(broker, ["record", "delay", "debounce", "count", "silence", "lag", "after", "gated"])
    kcat(broker, "-P", "-t", "orders", "-p", "0", "-K", ":", text="eu:1\nus:2\neu:3\nus:4")
    produce(broker, "mails", ["mail"] * 5)
    end_run(broker, "import", "run-1", "succeeded")
    end_run(broker, "export", "run-2", "dead")
    offsets = [o for p, o, k, _, _ in read_all(broker, "orders") if p == 0 and k in ("eu", "us")]
    eu = [f"record orders/0/{offsets[0]}", f"record orders/0/{offsets[2]}"]
    beat = [(p, o) for p, o, _, _, _ in read_all(broker, "beats")]
    wanted = {"record": eu, "delay": eu, "debounce": [f"record orders/0/{offsets[3]}"],
              "count": [f"count orders/0/{offsets[2]} 3"],
              "lag": ["lag nobody mails #1"], "after": ["run run-1; run run-2"]}

    def done():
        found = causes(broker, "kinds")
        return found if {*wanted, "silence", "gated"} <= set(found) and \
            all(len(found[key]) >= len(each) for key, each in wanted.items()) else None
    found = until("the fires", done, 40)
    for key, each in wanted.items():
        check(sorted(found[key]) == sorted(each), f"{key}: {found[key]}, not {each}")
    check(len(found["silence"]) == 1 and found["silence"][0].startswith("silence beats"),
          f"{found['silence']}, {beat}")
    check(len(found["gated"]) == 1, f"gated: {found['gated']}")
    refused = {r["schedule"]: r for r in run_records(broker) if r["event"] == "rejected"}
    check(set(refused) == {"bad", "absent"}, f"rejected {set(refused)}")
    check(refused["bad"]["column"] == 15 and refused["absent"]["column"] == 9, f"{refused}")
    described(broker)


def horolog(broker, *words):
    settings = {**os.environ, "HOROLOG_BOOTSTRAP_SERVERS": broker.bootstrap}
    done = subprocess.run([program(broker, "horolog"), *words, "--json"], env=settings,
                          capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"{words}: {done.stderr}")
    return json.loads(done.stdout)


def described(broker):
    """`horolog schedule describe` says what is waited for, and what has been seen of it."""
    about = horolog(broker, "schedule", "describe", "count")
    check(about["says"] == "when 3 records have come to orders", about["says"])
    waits = about["waits_for"][0]
    check(waits["now"] == "1 of 3 gathered" and waits["occurrences"] == 1 and
          waits["last_cause"].startswith("count orders/0/"), waits)
    fired = [run for run in about["runs"] if run["event"] == "fired"]
    check(fired[0]["cause"] == waits["last_cause"] and fired[0]["trigger"] == "condition", fired)
    check(horolog(broker, "schedule", "describe", "lag")["waits_for"][0]["now"]
          .startswith("crossed since"), "the lag")
    horolog(broker, "schedule", "create", "typed", "--topic", "kinds", "--when",
            "silence beats key=x for 1h", "--when-mode", "or", "--every", "1d")
    typed = horolog(broker, "schedule", "describe", "typed")
    check("and also when no record with the key x has come to beats for 1h" in typed["says"], typed)


class Stream:
    """Beats and orders that go on, with pauses, while something is killed."""

    def __init__(self, broker, name):
        self.broker = broker
        self.orders, self.beats, self.target = f"{name}-orders", f"{name}-beats", f"{name}-fires"
        seeds(broker, self.orders, self.beats, self.target)
        self.count = 0
        wait_for(broker, f"{name}-each", {"topic": self.target}, [f"record {self.orders}"])
        wait_for(broker, f"{name}-count", {"topic": self.target}, [f"count {self.orders} 7"])
        wait_for(broker, f"{name}-silence", {"topic": self.target},
                 [f"silence {self.beats} for {SILENCE_MS}ms"])
        self.keys = [f"{name}-each", f"{name}-count", f"{name}-silence"]
        accepted(broker, self.keys)
        self.first = {p: sum(row[0] == p for row in read_all(broker, self.orders))
                      for p in range(partitions(broker, self.orders))}

    def send(self, records=20, beats=2):
        self.count += records
        produce(self.broker, self.orders, [f"order {n}" for n in range(records)])
        for _ in range(beats):
            kcat(self.broker, "-P", "-t", self.beats, "-p", "0", text="beat")

    def sent(self):
        return {f"{self.orders}/{p}/{o}" for p, o, _, _, _ in read_all(self.broker, self.orders)
                if o >= self.first[p]}

    def check(self):
        """Each record once, no count short, each silence once."""
        each, count, silence = self.keys
        until("every record's fire",
              lambda: len(causes(self.broker, self.target)[each]) >= self.count, 60)
        # The silence that goes on now is the last thing to be seen.
        beats = self.silences()
        until("the last silence", lambda: f"silence {beats[-1][0]}" in
              causes(self.broker, self.target)[silence], 60)
        found = causes(self.broker, self.target)
        places = {c.removeprefix("record ") for c in found[each]}
        check(places == self.sent(), f"{len(places ^ self.sent())} records and fires differ")
        counts = [c.removeprefix("count ").split(" ") for c in found[count]]
        check(len(counts) == self.count // 7, f"{len(counts)} counts of 7 in {self.count}")
        check(all(n == "7" and place in places for place, n in counts), f"counts {counts}")
        fired = {c.removeprefix("silence ") for c in found[silence]}
        sure = {place for place, gap in beats if gap > SILENCE_MS + UNSURE_MS}
        possible = {place for place, gap in beats if gap > SILENCE_MS - UNSURE_MS}
        odd = {place for place in fired if " since " not in place}
        check(sure <= odd <= possible, f"silences {sorted(odd)}, not {sorted(sure)}; {beats}")
        return f"{len(places)} records, {len(counts)} counts, {len(fired)} silences"

    def silences(self):
        """Each beat with the time until the next one."""
        out = kcat(self.broker, "-C", "-t", self.beats, "-p", "0", "-o", "beginning", "-e", "-q",
                   "-f", "%o %T\n")
        rows = [tuple(map(int, line.split())) for line in out.splitlines()]
        ends = [at for _, at in rows[1:]] + [10 ** 15]
        return [(f"{self.beats}/0/{offset}", end - at) for (offset, at), end in zip(rows, ends)]


def killed(broker, work, rounds=3):
    """kill -9 of the scheduler while records stream in."""
    with Scheduler(broker, work, "conditions") as scheduler:
        stream = Stream(broker, "killed")
        for turn in range(rounds):
            stream.send()
            if turn == 1:
                # A silence, which nobody sees begin and end.
                time.sleep((SILENCE_MS + UNSURE_MS) / 1000 + 0.5)
            scheduler.end()
            stream.send()
            scheduler.start()
            stream.send()
        return stream.check()


def broker_killed(broker, work, rounds=2):
    """kill -9 of the broker, with the scheduler inside it, while records stream in."""
    stream = Stream(broker, "broker-killed")
    for _ in range(rounds):
        stream.send()
        broker.kill()
        broker.start()
        stream.send()
    return stream.check()


def on_kafka(results, work):
    folder = pathlib.Path(work) / "kafka"
    settings = ["num.partitions=3", "group.initial.rebalance.delay.ms=0"]
    with brokers.Kafka(folder, settings) as kafka:
        results.run(SUITE, "on Apache Kafka", killed.__doc__.rstrip("."), killed, kafka, folder, 2)
        at_work(results, "on Apache Kafka", kafka, folder)


def at_work(results, who, broker, work):
    """These mostly wait."""
    cases = (conditions_work.after_work, conditions_work.lag_work, conditions_work.recreated)
    with Scheduler(broker, work, "at-work"), futures.ThreadPoolExecutor(len(cases)) as pool:
        list(pool.map(lambda case: results.run(SUITE, who, " ".join(case.__doc__.split())
                                               .rstrip("."), case, broker, work), cases))


def inside(results, broker, work):
    folder = pathlib.Path(work) / "inside"
    own = brokers.Horologd(folder, ["num.partitions=3", "scheduler.enabled=true"], broker.binary)
    with own:
        results.run(SUITE, INSIDE, each_kind.__doc__.rstrip("."), each_kind, own, folder)
        results.run(SUITE, INSIDE, broker_killed.__doc__.rstrip("."), broker_killed, own, folder)


def run(results, broker, work, _chosen):
    results.run(SUITE, CLIENT, killed.__doc__.rstrip("."), killed, broker, work)
    at_work(results, CLIENT, broker, work)
    if broker.name == "horologd":
        inside(results, broker, work)
        on_kafka(results, work)
