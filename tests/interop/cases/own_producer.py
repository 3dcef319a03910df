"""Suite `own_producer`: the library's producer, checked by other people's consumers.

Its transactions are read with read_committed and without; a producer streams while the broker is
killed again and again, and in the end the partition must hold 0, 1, 2 … n-1 once and in order.
Its driver (drivers/own_producer.cpp) lies beside the broker's binary.
"""
import json
import random
import subprocess
import time

from harness import clients as known
from harness import driver, paths
from harness.results import check

SUITE = "own_producer"
KILLS = 10
RECORDS, TRANSACTIONS = 50_000, 12
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")


def program():
    return paths.default_binary().parent / "own_producer"


def run_own(*words):
    done = subprocess.run([program(), *map(str, words)], capture_output=True, text=True,
                          timeout=180, check=False)
    check(done.returncode == 0, f"own_producer {words[0]}: {done.stdout} {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def kcat(broker, topic, *options):
    done = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", topic, "-e", "-q", *options],
                          capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.split()


def codec(broker, name):
    said = run_own("load", broker.bootstrap, f"own-{name}", RECORDS, 100, 65536, name)
    check(said["failed"] == 0, f"failed records: {said}")
    values = kcat(broker, f"own-{name}")
    # One record goes before the load, which waits for the topic.
    check(len(values) == RECORDS + 1, f"{len(values)} records, sent {RECORDS + 1}")
    check(set(values) == {"x" * 100}, "a value was changed on its way")


def transactions(broker):
    topic = "own-transactions"
    said = run_own("transact", broker.bootstrap, topic, "own-id", TRANSACTIONS)
    wanted = [f"committed-{i}-{j}" for i in range(TRANSACTIONS) if i % 3 != 2 for j in range(5)]
    seen = kcat(broker, topic, "-X", "isolation.level=read_committed")
    check(sorted(seen) == sorted(wanted), f"read_committed saw {sorted(seen)}")
    java = driver.run(known.java().command, "isolated", bootstrap=broker.bootstrap, topic=topic,
                      level="read_committed", timeout=120)
    values = [v for line in java for v in line.get("values", [])]
    check(sorted(values) == sorted(wanted), f"Java's read_committed saw {sorted(values)}")
    everything = kcat(broker, topic, "-X", "isolation.level=read_uncommitted")
    check(len(everything) >= len(wanted), "read_uncommitted saw less")
    lines = driver.run(known.confluent().command, "committed", bootstrap=broker.bootstrap,
                       topic=topic, group="own-id", timeout=60)
    committed = [line["committed"] for line in lines if "committed" in line][-1]
    check(committed.get("0") == said["committed_offset"],
          f"the group is at {committed}, the last commit was {said['committed_offset']}")


def kills(broker, seed):
    rng = random.Random(seed)
    topic = "own-stream"
    stream = subprocess.Popen([program(), "stream", broker.bootstrap, topic],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        acked = 0
        for _ in range(KILLS):
            until = acked + 200
            while acked < until:
                line = stream.stdout.readline()
                check(line, "the producer has ended")
                said = json.loads(line)
                check("disorder" not in said, f"out of order: {said}")
                acked = said.get("acked", acked)
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
    check(stream.returncode == 0 and done["failed"] == 0, f"failed records: {done} (seed {seed})")
    values = kcat(broker, topic, "-p", "0")
    check(values == [str(n) for n in range(done["done"])],
          f"{done['done']} sent, {len(values)} there, {len(set(values))} different (seed {seed})")
    check(done["retried"] > 0, f"no batch was ever sent again: {done}")


def run(results, broker, _work, _chosen):
    for name in CODECS:
        results.run(SUITE, "kcat", f"{RECORDS} records, {name}", codec, broker, name)
    results.run(SUITE, "kcat, Java, Python", "transactions and offsets", transactions, broker)
    seed = random.SystemRandom().randrange(1 << 32)
    results.run(SUITE, "kcat", f"{KILLS} kills under a running producer", kills, broker, seed)
