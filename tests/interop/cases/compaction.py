"""Suite `compaction`: Horolog and Apache Kafka compact copies of one data directory; what readers
find afterwards is the same, record by record. Kafka's DumpLogSegments reads Horolog's new files.
"""
import shutil
import subprocess
import time

from harness import clients as known
from harness.broker import Horologd, Kafka
from harness.kafka_tools import KafkaTools
from harness.results import check

from . import files, moveout

SUITE = "compaction"
SEED = 4031
TOPICS = ("plain", "both", "transacted")
# Compact at once, whenever a segment has been closed.
CLEANER = ["log.cleaner.backoff.ms=100", "log.cleaner.min.cleanable.ratio=0.01"]

# Batches of every codec over few keys; tombstones; headers; an idempotent producer, and a
# transactional one that aborts every third transaction.
PRODUCE = """
import random, sys, confluent_kafka as c, confluent_kafka.admin as a
dice = random.Random(int(sys.argv[2]))
admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})
made = {'plain': {'cleanup.policy': 'compact'}, 'both': {'cleanup.policy': 'compact,delete'},
        'transacted': {'cleanup.policy': 'compact'}}
for n, f in admin.create_topics([a.NewTopic(n, 1, 1, config={
        **s, 'segment.bytes': '1048576', 'min.cleanable.dirty.ratio': '0.01'})
        for n, s in made.items()]).items(): f.result(30)
serial = 0
for codec in ('none', 'gzip', 'snappy', 'lz4', 'zstd', 'none', 'zstd'):
    p = c.Producer({'bootstrap.servers': sys.argv[1], 'enable.idempotence': True,
                    'compression.type': codec, 'linger.ms': 5, 'batch.num.messages': 50})
    for n in range(3000):
        serial += 1
        value = None if dice.random() < 0.1 else b'%d ' % serial + dice.randbytes(
            dice.randrange(50, 900))
        p.produce(dice.choice(('plain', 'both')), value, b'key %d' % dice.randrange(400),
                  headers=[('serial', b'%d' % serial)])
        if n % 100 == 0: p.flush()
    assert p.flush(60) == 0
    p = c.Producer({'bootstrap.servers': sys.argv[1], 'transactional.id': 'compacted',
                    'compression.type': codec, 'linger.ms': 5, 'batch.num.messages': 50})
    p.init_transactions(30)
    for n in range(12):
        p.begin_transaction()
        for _ in range(80):
            serial += 1
            value = None if dice.random() < 0.1 else b'%d ' % serial + dice.randbytes(
                dice.randrange(50, 900))
            p.produce('transacted', value, b'key %d' % dice.randrange(400))
        if n % 3 == 0:
            p.flush(60)
            p.abort_transaction(60)
        else:
            p.commit_transaction(60)
"""


def segments(data, topic):
    return sorted((data / f"{topic}-0").glob("*.log"))


def produce(broker, _work):
    done = subprocess.run([str(known.confluent().command[0]), "-c", PRODUCE, broker.bootstrap,
                           str(SEED)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=180, check=False)
    check(done.returncode == 0, done.stdout[-2000:])
    before = moveout.state(broker)
    check(broker.stop() == 0, f"no clean stop:\n{broker.tail()}")
    for topic in TOPICS:
        check(len(segments(broker.data, topic)) >= 3, f"{topic}: too few segments to compact")
    return before


def cleaned_to(data):
    """What cleaner-offset-checkpoint says, by topic."""
    path = data / "cleaner-offset-checkpoint"
    lines = path.read_text().splitlines()[2:] if path.exists() else []
    return {line.split()[0]: int(line.split()[2]) for line in lines}


def compact(broker, ends):
    """Starts the broker, waits until it has compacted all but the active segments, stops it."""
    broker.start()
    deadline = time.monotonic() + 120
    while {t: cleaned_to(broker.data).get(t) for t in TOPICS} != ends:
        check(time.monotonic() < deadline,
              f"{broker.name} has compacted up to {cleaned_to(broker.data)}, not {ends}:\n"
              f"{broker.tail()}")
        check(broker.alive(), f"{broker.name} ended:\n{broker.tail()}")
        time.sleep(0.1)
    found = moveout.state(broker)
    broker.stop()
    return found


def records(found, topic):
    part = found["topics"][topic]["partitions"]["0"]
    return part["start"], part["end"], part["records"]


def last_values(rows):
    """Key to offset and value of its last record; tombstones are as good as nothing."""
    last = {}
    for offset, _, key, value, _ in rows:
        last[key] = (offset, value)
    return {k: v for k, v in last.items() if v[1] is not None}


def compare(before, horolog, kafka):
    for topic in TOPICS:
        start, end, rows = records(before, topic)
        ours, theirs = records(horolog, topic), records(kafka, topic)
        check(ours[:2] == (start, end) == theirs[:2],
              f"{topic}: {start}..{end} became {ours[:2]} here, {theirs[:2]} in Kafka")
        check(len(ours[2]) < 0.8 * len(rows), f"{topic}: {len(ours[2])} of {len(rows)} left")
        check(last_values(ours[2]) == last_values(rows), f"{topic}: a last value is another")
        difference = moveout.first_difference(theirs[2], ours[2])
        check(difference is None, f"{topic}: Kafka's {len(theirs[2])} records, our "
                                  f"{len(ours[2])}: first difference {difference}")


def dump(horolog):
    tools = KafkaTools()
    try:
        for topic in TOPICS:
            folder = horolog.data / f"{topic}-0"
            for path in segments(horolog.data, topic):
                files.dump(tools, path, "--deep-iteration", "--print-data-log")
            for suffix in ("index", "timeindex"):
                for path in sorted(folder.glob(f"*.{suffix}")):
                    sane = files.dump(tools, path, "--index-sanity-check")
                    # A segment of which hardly anything is left has no entry.
                    sound = "passed sanity check" in sane or path.stat().st_size == 0
                    check(sound, f"{path.name}: {sane}")
    finally:
        tools.close()


def run(results, broker, work, _chosen):
    print(f"  seed {SEED}", flush=True)
    settings = list(broker.settings)
    broker.stop()
    broker.settings.append("log.cleaner.backoff.ms=3600000")  # only the copies are compacted
    broker.start()
    before = results.run(SUITE, "Horolog", "a history with keys and a clean stop", produce, broker,
                         work)
    if not before:
        return
    ends = {t: int(segments(broker.data, t)[-1].stem) for t in TOPICS}
    horolog = Horologd(work / "horolog", [*settings, *CLEANER],
                       getattr(broker, "binary", None))
    kafka = Kafka(work / "kafka", CLEANER)
    found = {}
    for one in (horolog, kafka):
        shutil.copytree(broker.data, one.data)
        try:
            found[one.name] = results.run(SUITE, one.name, "compacts a copy of the directory",
                                          compact, one, ends)
        finally:
            if one.pid is not None:
                one.kill()
    if all(found.values()) and len(found) == 2:
        results.run(SUITE, "Apache Kafka", "leaves the same records", compare, before,
                    found["horologd"], found["kafka"])
        results.run(SUITE, "Apache Kafka", "DumpLogSegments reads compacted files", dump, horolog)
