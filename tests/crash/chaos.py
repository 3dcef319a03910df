"""Transactions under everything at once: transactional producers of three libraries and an
exactly-once copy job of each, while the broker is killed, clients are killed and frozen, and a
proxy delays answers, loses them and cuts connections.

Every transaction writes "LABEL n of-how-many" and says what it does with it: `trying` before it
asks for the commit, then `committed` or `aborted`. Under read_committed a label is there as a whole
and once when it was committed, never when it was aborted or not tried, and as a whole or not at all
when the answer was lost with the client. Each copy holds what the source holds, record by record.
"""
import collections
import random
import time

import proxy
import rig
from harness import clients as known
from harness import driver, paths
from harness.kafka_tools import KafkaTools
from harness.results import check

SUITE = "chaos"
LIBRARIES = {"librdkafka": lambda: [known.confluent().command[0],
                                    paths.DRIVERS / "confluent_chaos.py"],
             "java": lambda: known.java_command("Driver"),
             "franz-go": lambda: known.franz_go_old().command}
SOURCE = "chaos"
PARTITIONS = 4
TIMEOUT_MS = 15000
PROGRESS_WITHIN = 120


def census_command():
    return LIBRARIES["librdkafka"]()


def copy_of(library):
    return f"chaos-by-{library}"


class Worker:
    """One client process, and what every process that was started in its place has said."""

    def __init__(self, library, command, verb, front, **options):
        self.library = library
        self._start = lambda: driver.Driver(command, verb, partitions=PARTITIONS,
                                            bootstrap=f"127.0.0.1:{front.port}",
                                            timeout=TIMEOUT_MS, **options)
        self.ids = options.get("ids", "").split(",")
        self.runs = []
        self.start()

    def start(self):
        self.runs.append(self._start())

    @property
    def process(self):
        return self.runs[-1].process

    def kill(self):
        for one in self.runs:
            if one.process.poll() is None:
                one.kill()

    def look(self):
        """Takes over what was said; a process that has ended (it was fenced) is replaced."""
        for one in self.runs:
            one.pump()
        code = self.process.poll()
        check(code in (None, 0, -9), f"{self.library} ended with code {code}:\n"
              + "\n".join(self.runs[-1].errors[-15:]))
        if code is not None:
            self.start()

    def count(self, *kinds):
        return sum(kind in x for one in self.runs for x in one.lines for kind in kinds)

    def finish(self):
        for one in self.runs:
            if one.process.poll() is None:
                one.close_input()
        for one in self.runs:
            if one.process.poll() is None:
                one.finish(180)
            one.pump()


class Field:
    """All workers, and the proxy and the broker under them."""

    def __init__(self, broker, front, per_library, rng):
        self.broker, self.front, self.rng = broker, front, rng
        self.kills = 0
        self.producers, self.relays = [], []
        for name, make in LIBRARIES.items():
            command = make()
            ids = [f"{name}-{n}" for n in range(per_library)]
            for half in (ids[:per_library // 2], ids[per_library // 2:]):
                self.producers.append(Worker(name, command, "churn", front, topic=SOURCE,
                                             ids=",".join(half)))
            self.relays.append(Worker(name, command, "relay", front, source=SOURCE,
                                      topic=copy_of(name), group=copy_of(name),
                                      id=f"relay-{name}"))

    def all(self):
        return self.producers + self.relays

    def look(self):
        for worker in self.all():
            worker.look()

    def counts(self):
        """Ended transactions of every worker."""
        return {w: w.count("committed", "aborted", "copied") for w in self.all()}

    def progress(self, step):
        """Until every worker has ended `step` more transactions."""
        before = self.counts()
        wait_until(lambda: not self.behind(before, step), PROGRESS_WITHIN, self.look,
                   lambda: "no progress: " + str(self.behind(before, step)))

    def behind(self, before, step):
        # A relay without records to copy has nothing to do.
        return {w.library + " " + w.runs[-1].words[-1]: (n, w.runs[-1].errors[-3:])
                for w, n in self.counts().items()
                if n < before[w] + (step if w in self.producers else 1)}

    def kill_broker(self):
        self.broker.kill()
        self.kills += 1
        time.sleep(self.rng.random() * 0.3)  # the length of the outage; nothing waits for it
        self.broker.start()

    def kill_client(self):
        victim = self.rng.choice(self.all())
        victim.kill()
        victim.start()
        self.kills += 1

    def freeze_client(self):
        """Producers freeze, others take their ids, they thaw: one of each pair is fenced."""
        victim = self.rng.choice(self.producers)
        old = victim.runs[-1]
        old.pump()
        over = fenced([old])
        old.process.send_signal(19)
        victim.start()
        fresh = victim.runs[-1]
        wait_until(lambda: sum("committed" in x for x in pumped(fresh)) > 0, PROGRESS_WITHIN,
                   lambda: None, f"{victim.library}: the new owner of the ids does nothing")
        old.process.send_signal(18)
        wanted = set(victim.ids) - over
        wait_until(lambda: wanted <= fenced([old, fresh]), PROGRESS_WITHIN,
                   lambda: (old.pump(), fresh.pump()),
                   lambda: f"{victim.library}: not fenced: {wanted - fenced([old, fresh])}")
        if old.process.poll() is None:
            old.kill()

    def finish(self):
        """A last kill -9 of one process of each library leaves open transactions behind."""
        for name in LIBRARIES:
            self.rng.choice([w for w in self.producers if w.library == name]).kill()
            self.kills += 1
        for worker in self.producers:
            worker.finish()

    def end(self):
        for worker in self.all():
            worker.kill()


def pumped(one):
    one.pump()
    return one.lines


def fenced(runs):
    return {x["fenced"] for one in runs for x in one.lines if "fenced" in x}


def wait_until(condition, seconds, look, what):
    end = time.monotonic() + seconds
    while True:
        look()
        if condition():
            return
        check(time.monotonic() < end, what() if callable(what) else what)
        time.sleep(0.05)


def topics():
    return [SOURCE, *map(copy_of, LIBRARIES)]


def by_topic(lines):
    """{topic: {partition: [(offset, value)]}} of what `follow` has printed."""
    found = {t: {p: [] for p in range(PARTITIONS)} for t in topics()}
    for x in lines:
        if "topic" in x:
            found[x["topic"]][x["p"]] += zip(x["offsets"], x["values"])
    return found


def values(partitions):
    return [value for records in partitions.values() for _, value in records]


def follow(port):
    return driver.Driver(census_command(), "follow", bootstrap=f"127.0.0.1:{port}",
                         topics=",".join(topics()), partitions=PARTITIONS)


def settled(broker, names, within):
    driver.run(census_command(), "settled", bootstrap=broker.bootstrap, topics=",".join(names),
               partitions=PARTITIONS, within=within, timeout=within + 60)


def judge(workers, records):
    """Transactions that have ended, and what is doubled, lost or there against what was said."""
    said = collections.defaultdict(set)
    for worker in workers:
        for one in worker.runs:
            for x in one.lines:
                for kind in ("trying", "committed", "aborted"):
                    if kind in x:
                        said[kind].add(x[kind])
    seen = collections.defaultdict(collections.Counter)
    sizes = {}
    for value in records:
        label, n, of = value.split()
        seen[label][int(n)] += 1
        sizes[label] = int(of)
    doubled = [label for label, parts in seen.items() if max(parts.values()) > 1]
    torn = [label for label, parts in seen.items() if len(parts) != sizes[label]]
    lost = sorted(said["committed"] - seen.keys())
    wrong = sorted((seen.keys() & said["aborted"]) | (seen.keys() - said["trying"]))
    return said, doubled, lost + torn, wrong


def compare_copies(found):
    doubled, lost = collections.Counter(), collections.Counter()
    source = collections.Counter(values(found[SOURCE]))
    for library in LIBRARIES:
        copied = collections.Counter(values(found[copy_of(library)]))
        doubled += copied - source
        lost += source - copied
    return doubled, lost


def storm(field, rounds):
    """Kills in an order that the seed decides; the broker, clients, and owners of ids in turn."""
    field.progress(3)
    deeds = [field.kill_broker, field.kill_client, field.freeze_client]
    for n in range(rounds):
        if n % len(deeds) == 0:
            field.rng.shuffle(deeds)
        deed = deeds[n % len(deeds)]
        time.sleep(field.rng.random() * 0.3)  # a kill at any moment
        deed()
        field.progress(3)
        print(f"    {deed.__name__}: {sum(field.counts().values())} transactions so far",
              flush=True)


def finish(results, field, follower):
    field.finish()
    settled(field.broker, [SOURCE], TIMEOUT_MS / 1000 + 45)
    census = follow(field.broker.port)
    census.close_input()
    source = values(by_topic(census.finish())[SOURCE])
    # The copies are complete when the consumer that was there all along has seen so many records.
    seen = lambda: by_topic(pumped(follower))  # noqa: E731
    wait_until(lambda: all(len(values(seen()[t])) >= len(source) for t in topics()),
               PROGRESS_WITHIN, lambda: [w.look() for w in field.relays],
               lambda: f"{ {t: len(values(r)) for t, r in seen().items()} } of {len(source)}")
    for worker in field.relays:
        worker.finish()
    settled(field.broker, topics(), TIMEOUT_MS / 1000 + 45)
    follower.close_input()
    live = by_topic(follower.finish())
    census = follow(field.broker.port)
    census.close_input()
    found = by_topic(census.finish())
    check(live == found, "who read all along saw something else than who reads in the end")
    return found


def verify(results, field, found):
    said, doubled, lost, wrong = judge(field.producers, values(found[SOURCE]))
    again, missing = compare_copies(found)
    ended = len(said["committed"]) + len(said["aborted"])
    copies = sum(w.count("copied") for w in field.relays)
    results.count(transactions=ended + copies, chaos_kills=field.kills,
                  transactions_doubled=len(doubled) + len(again),
                  transactions_lost=len(lost) + len(missing))
    print(f"    {ended} transactions and {copies} copies, {field.kills} kills, "
          f"{field.front.dropped} answers lost, {field.front.late_requests} requests late, "
          f"{sum(w.count('fenced') for w in field.producers)} producers fenced", flush=True)
    check(not doubled and not again, f"doubled: {doubled[:5]} {list(again)[:5]}")
    check(not lost and not missing, f"lost or torn: {lost[:5]} {list(missing)[:5]}")
    check(not wrong, f"aborted or never tried, and there: {wrong[:5]}")
    check(len(said["committed"]) > 10 * len(field.producers), "hardly anything was committed")


def nothing_hangs(broker):
    with KafkaTools(broker.bootstrap) as tools:
        for topic in topics():
            for p in range(PARTITIONS):
                out = tools.good("transactions", "describe-producers", "--topic", topic,
                                 "--partition", p)
                rows = [r for r in out.splitlines() if r[:1].isdigit()]
                check(all(r.split()[-1] == "None" for r in rows), f"{topic}-{p} is open:\n{out}")
        out = tools.good("transactions", "find-hanging", "--broker-id", 1)
        check(not any(r.startswith("chaos") for r in out.splitlines()), f"find-hanging:\n{out}")


def one_seed(results, make_broker, work, asked, seed):
    broker = make_broker(work, ["offsets.topic.num.partitions=4",
                                "transaction.state.log.num.partitions=4"])
    broker.port = paths.free_port()
    field = follower = None
    with proxy.Proxy(broker.port, seed, drop=0.01, delay=0.05,
                     apis=proxy.OF_TRANSACTIONS) as front:
        broker.settings.append(f"advertised.listeners=PLAINTEXT://127.0.0.1:{front.port}")
        with broker:
            driver.run(census_command(), "make", bootstrap=broker.bootstrap, segment=1 << 20,
                       topics=",".join(topics()), partitions=PARTITIONS)
            try:
                follower = follow(front.port)
                field = Field(broker, front, asked.producers, random.Random(seed))
                storm(field, asked.storms)
                front.drop = 0.0
                found = finish(results, field, follower)
                verify(results, field, found)
                nothing_hangs(broker)
            finally:
                if field is not None:
                    field.end()
                if follower is not None and follower.process.poll() is None:
                    follower.kill()
            check(broker.stop() == 0, broker.tail())
            rig.check_data(broker)


def run(results, make_broker, work, asked):
    first = asked.seed or random.SystemRandom().randrange(1 << 31)
    for n in range(asked.seeds):
        seed = first + n
        print(f"chaos: seed {seed}", flush=True)
        results.run(SUITE, "three libraries", f"{3 * asked.producers} producers (seed {seed})",
                    one_seed, results, make_broker, work / str(n), asked, seed)
