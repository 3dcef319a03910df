"""kill -9 while logs are being compacted, all the time, at full speed and in small segments.

For every key the last value that was acknowledged is there (or one that was sent after it), offsets
rise, and an offset that was read before still holds the same record or none.
"""
import json
import random
import subprocess
import threading
import time

from harness import clients
from harness.results import CaseError, check

SUITE = "compact"
SETTINGS = ["log.cleaner.backoff.ms=0", "log.cleaner.min.cleanable.ratio=0.01",
            "log.cleaner.dedupe.buffer.size=1MiB"]

# Prints a line per acknowledged record: key, serial, offset. Ends when its input does.
PRODUCER = """
import random, sys, threading, confluent_kafka as c
threading.Thread(target=lambda: (sys.stdin.read(), done.append(1)), daemon=True).start()
dice, done, serial = random.Random(int(sys.argv[3])), [], int(sys.argv[4])
p = c.Producer({'bootstrap.servers': sys.argv[1], 'enable.idempotence': True, 'linger.ms': 1,
                'message.timeout.ms': 5000, 'compression.type': 'lz4'})
def told(e, m):
    if e is None: print(m.key().decode(), m.value().split()[0].decode(), m.offset())
while not done:
    key = b'%d' % dice.randrange(300)
    try: p.produce(sys.argv[2], b'%d ' % serial + b'x' * dice.randrange(900), key, on_delivery=told)
    except BufferError: p.poll(0.1); continue
    serial += 1
    if serial % 20 == 0: p.poll(0); sys.stdout.flush()
p.flush(1)
sys.stdout.flush()
"""

CREATE = """
import sys, confluent_kafka.admin as a
admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})
for f in admin.create_topics([a.NewTopic('c', 1, 1, config={'cleanup.policy': 'compact',
        'segment.bytes': '1048576', 'delete.retention.ms': '0'})]).values(): f.result(30)
"""

READ = """
import json, sys, confluent_kafka as c
r = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'r', 'enable.partition.eof': True,
                'enable.auto.commit': False})
r.assign([c.TopicPartition('c', 0, c.OFFSET_BEGINNING)])
out = []
while True:
    m = r.poll(30)
    if m is None: raise SystemExit('nothing more after %d records' % len(out))
    if m.error():
        if m.error().code() == c.KafkaError._PARTITION_EOF: break
        raise c.KafkaException(m.error())
    out.append([m.offset(), m.key().decode(), int(m.value().split()[0])])
print(json.dumps(out))
"""


def python(code, *words):
    return [str(clients.confluent().command[0]), "-c", code, *map(str, words)]


class Load:
    """One producer; knows what was acknowledged, by key."""

    def __init__(self, broker, seed, serial):
        self.acked = []
        self.process = subprocess.Popen(python(PRODUCER, broker.bootstrap, "c", seed, serial),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            if len(words) == 3:
                self.acked.append(tuple(map(int, words)))

    def wait_for(self, count):
        deadline = time.monotonic() + 60
        while len(self.acked) < count:
            check(time.monotonic() < deadline, f"{len(self.acked)} of {count} acknowledged")
            time.sleep(0.01)

    def finish(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.reader.join(10)
        return self.acked


def read(broker):
    done = subprocess.run(python(READ, broker.bootstrap), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise CaseError(f"the topic cannot be read:\n{done.stderr[-2000:]}\n{broker.tail()}")
    return json.loads(done.stdout)


def verify(rows, acked, known):
    """`acked`: last acknowledged serial by key; `known`: what earlier reads found, by offset."""
    last, before = {}, -1
    for offset, key, serial in rows:
        check(offset > before, f"offset {offset} after {before}")
        before = offset
        check(known.get(offset, [key, serial]) == [key, serial],
              f"offset {offset} held {known.get(offset)}, now {[key, serial]}")
        known[offset] = [key, serial]
        last[int(key)] = serial
    for key, serial in acked.items():
        check(last.get(key, -1) >= serial,
              f"key {key}: {serial} was acknowledged, the last one there is {last.get(key)}")


def compacted(broker):
    return broker.log_path.read_text(errors="replace").count("log compacted")


def wait_for_clean(broker, before):
    """Cleans follow one another: the kill that comes after the first strikes the next ones."""
    deadline = time.monotonic() + 60
    while compacted(broker) <= before:
        check(time.monotonic() < deadline, f"nothing was compacted:\n{broker.tail()}")
        time.sleep(0.01)


def rounds(results, broker, count, seed):
    rng = random.Random(seed)
    subprocess.run(python(CREATE, broker.bootstrap), check=True, timeout=60)
    acked, known, serial = {}, {}, 0
    for n in range(count):
        before = compacted(broker)
        load = Load(broker, seed + n, serial)
        try:
            load.wait_for(6000)
            wait_for_clean(broker, before)
            time.sleep(rng.random() * 0.5)
            broker.kill()
        finally:
            told = load.finish()
        for key, value, _ in told:
            acked[key] = max(acked.get(key, -1), value)
        serial = max(acked.values()) + 1_000_000
        broker.start()
        rows = read(broker)
        verify(rows, acked, known)
        results.count(kills=1, acked=len(told))
        print(f"    round {n + 1} of {count}: {len(told)} acknowledged, {len(rows)} records left",
              flush=True)
    log = broker.log_path.read_text(errors="replace")
    check("cannot be compacted" not in log, f"a clean failed:\n{broker.tail(60)}")


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"compact: seed {seed}", flush=True)
    if asked.target != "horologd":
        return
    with make_broker(work / "compact", SETTINGS) as broker:
        results.run(SUITE, broker.name, f"{asked.kills} kills while compacting (seed {seed})",
                    rounds, results, broker, asked.kills, seed)
