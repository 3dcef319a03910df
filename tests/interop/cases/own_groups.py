"""Suite `own_groups`: the library's consumer as an application uses it, on Horolog and on Apache
Kafka: patterns, static members, pause and seek, automatic commits, members that come and go,
exactly-once copies, and a broker that is killed under it.

Its drivers are programs of the build: drivers/own_member.cpp and own_copy.cpp.
"""
import json
import os
import random
import subprocess
import time

from harness import driver, paths
from harness.broker import Kafka
from harness.results import check

from . import clients, own_copy

SUITE = "own_groups"
KILLS = int(os.environ.get("HOROLOG_KILLS", "4"))


def program(name="own_member"):
    return paths.default_binary().parent / name


class Member:
    """One running own_member and what it has said."""

    def __init__(self, broker, topic, group, **words):
        self.topic = topic
        self.driver = driver.Driver([program(), broker.bootstrap, topic], group, **words)

    def wait(self, predicate, what, timeout=60):
        return self.driver.wait_for(predicate, timeout, what)

    def records(self):
        self.driver.pump()
        return [x for x in self.driver.lines if "o" in x]

    def wait_records(self, count, timeout=60):
        self.wait(lambda _: len(self.records()) >= count,
                  lambda: f"{count} records, but {len(self.records())}", timeout)
        return self.records()

    def assigned(self):
        self.driver.pump()
        return [x["assigned"] for x in self.driver.lines if "assigned" in x]

    def wait_assigned(self, wanted):
        self.wait(lambda _: self.assigned() and len(self.assigned()[-1]) == wanted,
                  lambda: f"{wanted} partitions, but {self.assigned()}")
        return self.assigned()[-1]

    def tell(self, line):
        try:
            self.driver.process.stdin.write((line + "\n").encode())
            self.driver.process.stdin.flush()
        except BrokenPipeError:
            self.driver.finish(10)  # says why it has ended
        if line != "close":
            self.wait(lambda lines: {"did": line} in lines, line)

    def close(self):
        self.tell("close")
        lines = self.driver.finish(60)
        check(lines[-1] == {"closed": True}, f"not closed: {lines[-1]}")

    def kill(self):
        if self.driver.process.poll() is None:
            self.driver.kill()


class Members:
    """Kills what a case has started when the case ends."""

    def __init__(self, broker):
        self.broker = broker
        self.started = []

    def start(self, topic, group, **words):
        self.started.append(Member(self.broker, topic, group, **words))
        return self.started[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for member in self.started:
            member.kill()


def committed(broker, topic, group):
    lines = driver.run([program("own_consumer")], "committed", bootstrap=broker.bootstrap,
                       topic=topic, group=group)
    return lines[-1]["committed"]


def pattern(broker):
    """A topic that is made later is found, and one that does not match is not read."""
    clients.fill("rx-first", broker, 5, create=1)
    clients.fill("other-rx", broker, 5, create=1)
    with Members(broker) as members:
        member = members.start("-", "rx", pattern="rx-.*", refresh=500)
        member.wait_records(30)
        clients.fill("rx-second", broker, 5, create=1)
        seen = {x["t"] for x in member.wait_records(60)}
        member.close()
    check(seen == {"rx-first", "rx-second"}, f"read {seen}")


def static(broker):
    """A static member that is killed and comes back within its session: nobody notices."""
    clients.fill("static", broker, 5, create=1)
    words = {"session": 20000}
    with Members(broker) as members:
        first = members.start("static", "static", instance="a", **words)
        first.wait_assigned(6)
        second = members.start("static", "static", instance="b", **words)
        second.wait_assigned(3)
        mine = first.wait_assigned(3)
        quiet = len(second.assigned())
        first.kill()
        again = members.start("static", "static", instance="a", **words)
        check(again.wait_assigned(3) == mine, f"got {again.assigned()}, had {mine}")
        clients.fill("static", broker, 5, 5)
        second.wait_records(30)
        check(len(second.assigned()) == quiet, f"the other was disturbed: {second.assigned()}")
        again.close()
        second.close()


def pause_and_seek(broker):
    clients.fill("seek", broker, 10, create=1)
    clients.fill("seek", broker, 10, 10)
    with Members(broker) as members:
        member = members.start("seek", "seek")
        first = member.wait_records(120)
        member.tell("pause 0")
        clients.fill("seek", broker, 5, 20)
        new = member.wait_records(145)[120:]
        check(all(x["p"] != 0 for x in new), "a paused partition was read")
        member.tell("resume 0")
        new = member.wait_records(150)[145:]
        check([(x["p"], x["o"]) for x in new] == [(0, o) for o in range(20, 25)], f"{new}")
        stamps = [x["ts"] for x in first if x["p"] == 1]
        wanted = stamps.index(stamps[10])
        check(wanted > 0, f"all records have one timestamp: {stamps}")
        member.tell(f"time 1 {stamps[10]}")
        new = member.wait_records(150 + 25 - wanted)[150:]
        check([(x["p"], x["o"]) for x in new] == [(1, o) for o in range(wanted, 25)], f"{new}")
        member.close()


def auto_commit(broker):
    clients.fill("auto", broker, 10, create=1)
    everything = {str(p): 10 for p in range(6)}
    with Members(broker) as members:
        member = members.start("auto", "auto", auto=200)
        member.wait_records(60)
        end = time.monotonic() + 30
        while committed(broker, "auto", "auto") != everything:
            check(time.monotonic() < end, f"{committed(broker, 'auto', 'auto')}")
        clients.fill("auto", broker, 5, 10)
        member.wait_records(90)
        member.close()  # commits what no interval has
        after = members.start("auto", "auto", auto=200)
        clients.fill("auto", broker, 1, 15)
        new = after.wait_records(6)
        after.close()
    check({x["o"] for x in new} == {15}, f"read twice: {new}")


def come_and_go(broker):
    """Under cooperative-sticky and commits, members that leave cleanly leave no record twice."""
    words = {"assignor": "cooperative-sticky", "commit": "yes"}
    clients.fill("coop", broker, 20, create=1)
    filled = 20
    with Members(broker) as members:
        group = [members.start("coop", "coop", **words) for _ in range(2)]
        for step in range(4):
            if step % 2 == 0:
                group.append(members.start("coop", "coop", **words))
            else:
                group.pop(0).close()
            clients.fill("coop", broker, 20, filled)
            filled += 20
        end = time.monotonic() + 60
        while len({(x["p"], x["o"]) for m in members.started for x in m.records()}) < 6 * filled:
            check(time.monotonic() < end, "not every record was read")
            time.sleep(0.05)
        for member in group:
            member.close()
        seen = [(x["p"], x["o"]) for m in members.started for x in m.records()]
    check(len(seen) == len(set(seen)), f"{len(seen) - len(set(seen))} records came twice")
    check(committed(broker, "coop", "coop") == {str(p): filled for p in range(6)}, "not committed")


def through_kills(broker, kills, seed):
    """A producer and a consumer that go on while the broker is killed: every value once, in order.
    """
    rng = random.Random(seed)
    topic = f"both-{seed}"
    stream = subprocess.Popen([program("own_producer"), "stream", broker.bootstrap, topic],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with Members(broker) as members:
        try:
            acked = 0
            member = None
            for _ in range(kills):
                until = acked + 200
                while acked < until:
                    line = stream.stdout.readline()
                    check(line, "the producer has ended")
                    acked = json.loads(line).get("acked", acked)
                if member is None:
                    member = members.start(topic, topic, commit="yes", session=40000)
                member.wait_records(acked - 200)
                time.sleep(rng.random() / 2)  # not a synchronisation: a random moment
                broker.kill()
                time.sleep(rng.random() / 4)
                broker.start()
            out, _ = stream.communicate("stop\n", timeout=180)
        finally:
            if stream.poll() is None:
                stream.kill()
                stream.wait()
        done = json.loads(out.splitlines()[-1])
        check(done["failed"] == 0, f"{done} (seed {seed})")
        got = [x["v"] for x in member.wait_records(done["done"], 120)]
        member.close()
        lost = [x for x in member.driver.lines if "lost" in x]
    check(got == [str(n) for n in range(done["done"])],
          f"{done['done']} sent, {len(got)} read, {len(set(got))} different (seed {seed})")
    check(not lost, f"the session was lost: {lost} (seed {seed})")
    return done["done"]


CASES = {"a pattern and a topic made later": pattern,
         "a static member that comes back": static,
         "pause, resume, seek by time": pause_and_seek,
         "automatic commits": auto_commit,
         "members that come and go, none twice": come_and_go,
         "copied exactly once, killed at every step": own_copy.killed_everywhere}


def all_cases(results, broker):
    for name, case in CASES.items():
        results.run(SUITE, broker.name, name, case, broker)


def run(results, broker, folder, _chosen):
    all_cases(results, broker)
    if broker.name != "kafka":
        with Kafka(folder / "kafka", ["num.partitions=3"]) as kafka:
            all_cases(results, kafka)
    seed = random.SystemRandom().randrange(1 << 32)
    results.run(SUITE, broker.name, f"{KILLS} kills under producer and consumer", through_kills,
                broker, KILLS, seed)
