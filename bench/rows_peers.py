"""Rows of the table about connections, groups, and other systems that do the same work."""

import statistics

import brokers
from figures import spread


def row_connections(run):
    count = 1000 if run.quick else 5000
    runs = []
    # A broker of its own for each: the memory of closed connections is used again.
    for _ in range(run.repeats):
        with run.horolog() as broker:
            runs.append(run.load(broker, "connect", "--connections", count))
    memory = spread((one["anonymous_bytes_per_connection"] / 1024 for one in runs), 1)
    rate = statistics.median(one["connects_per_s"] for one in runs)
    return f"{memory} KiB", f"{count:,} connections; {rate:.0f} opened/s"


def row_rebalance(run):
    """Rebalance time by the number of members."""
    measured = []
    rounds = 5 if run.quick else 20
    with run.horolog() as broker:
        for members in (1, 10, 50, 200):
            result = run.load(broker, "group", "--members", members, "--rounds", rounds)
            measured.append(f"{members}: {result['rebalance']['p50_us'] / 1000:.1f} ms")
    return "; ".join(measured), "median of the rounds"


def row_redis(run, connections):
    """Blocking clients, one 1 KiB record at a time; both sync before they answer."""
    seconds, warmup = (1, 0.3) if run.quick else (5, 1)
    words = ("--connections", connections, "--seconds", seconds, "--warmup", warmup)
    pairs = []
    with brokers.Redis(run.dir / "redis") as redis, run.horolog() as broker:
        for _ in range(run.repeats):
            theirs = run.load(redis, "durable", "--peer", "redis", *words)
            pairs.append((theirs, run.load(broker, "durable", *words)))
    ratio = spread(ours["records_per_s"] / theirs["records_per_s"] for theirs, ours in pairs)
    theirs, ours = (statistics.median(pair[n]["records_per_s"] for pair in pairs) for n in (0, 1))
    return f"{ratio} ×", f"{ours:.0f} beside {theirs:.0f} records/s"


def row_redis_bulk(run):
    seconds = 1 if run.quick else 5
    words = ("--records", 127, "--in-flight", 20, "--seconds", seconds)
    pairs = []
    with brokers.Redis(run.dir / "redis") as redis, run.horolog() as broker:
        for _ in range(run.repeats):
            theirs = run.load(redis, "durable", "--peer", "redis", *words)
            pairs.append((theirs, run.load(broker, "durable", *words)))
    ratio = spread(ours["mb_per_s"] / theirs["mb_per_s"] for theirs, ours in pairs)
    theirs, ours = (statistics.median(pair[n]["mb_per_s"] for pair in pairs) for n in (0, 1))
    return f"{ratio} ×", f"{ours:.0f} beside {theirs:.0f} MB/s"


def row_kafka_bulk(run):
    size = "256M" if run.quick else "1G"
    words = ("produce", "--acks", "all", "--batch", "128K", "--in-flight", 20, "--bytes", size)
    kafka = run.kafka()
    pairs = []
    for _ in range(run.repeats):
        theirs = run.load(kafka, *words)
        with run.horolog() as broker:
            pairs.append((theirs, run.load(broker, *words)))
    ratio = spread(ours["mb_per_s"] / theirs["mb_per_s"] for theirs, ours in pairs)
    theirs, ours = (statistics.median(pair[n]["mb_per_s"] for pair in pairs) for n in (0, 1))
    return f"{ratio} ×", f"{ours:.0f} beside {theirs:.0f} MB/s"
