"""Rows of the table about transactions and compaction."""

import statistics

from figures import spread


def transactions(run, broker, protocol, *shape):
    seconds, warmup = (1, 0.3) if run.quick else (5, 1)
    return run.load(broker, "txn", "--protocol", protocol, "--seconds", seconds, "--warmup",
                    warmup, *shape)


def row_txn_commits(run, protocol):
    """Alone, with offsets, and 64 producers at once; TV1 or TV2."""
    shapes = {"1 producer": (), "with offsets": ("--offsets", "yes"),
              "64 producers": ("--producers", 64)}
    measured = []
    with run.horolog() as broker:
        for name, shape in shapes.items():
            values = [transactions(run, broker, protocol, *shape)["group_commits_per_transaction"]
                      for _ in range(run.repeats)]
            measured.append(f"{name} {spread(values)}")
    return "; ".join(measured), ""


def row_txn_rate(run, *shape):
    """Transactions per second beside Apache Kafka's, which syncs nothing."""
    pairs = []
    kafka = run.kafka()
    with run.horolog() as broker:
        for node in (kafka, broker):
            transactions(run, node, 2, *shape)
        for _ in range(run.repeats):
            pairs.append([transactions(run, node, 2, *shape) for node in (kafka, broker)])
    ratio = spread(ours["transactions_per_s"] / theirs["transactions_per_s"]
                   for theirs, ours in pairs)
    theirs, ours = (statistics.median(pair[n]["transactions_per_s"] for pair in pairs)
                    for n in (0, 1))
    return f"{ratio} ×", f"{ours:.0f} beside {theirs:.0f} transactions/s"


def row_read_committed(run):
    """The same transactional log read by both isolation levels in turn."""
    ratios, rates = [], []
    passes = 2 if run.quick else 4
    with run.horolog() as broker:
        run.load(broker, "txn", "--topic", "read", "--producers", 16, "--seconds",
                 3 if run.quick else 20)
        for _ in range(run.repeats):
            both = [run.load(broker, "consume", "--topic", "read", "--create", "no", "--passes",
                             passes, "--isolation", isolation)["mb_per_s"]
                    for isolation in ("uncommitted", "committed")]
            ratios.append(100 * both[1] / both[0])
            rates.append(both)
    plain, committed = (statistics.median(column) for column in zip(*rates))
    return f"{spread(ratios, 0)} %", f"{committed:.0f} of {plain:.0f} MB/s"


def row_cleaning(run):
    size = "2G" if run.quick else "8G"
    seconds = 1 if run.quick else 5
    runs = [run.tool("cleaning", "--horologd", run.horologd, "--dir", run.dir, "--bytes", size,
                     "--seconds", seconds) for _ in range(run.repeats)]
    during, quiet = (statistics.median(one[name]["p99_us"] for one in runs)
                     for name in ("ack_latency", "quiet_latency"))
    read = statistics.median(one["compaction_read_mb"] for one in runs)
    return (f"{spread(one['p99_ratio'] for one in runs)} ×",
            f"ack p99 {during:.0f} beside {quiet:.0f} µs; {read:.0f} MB compacted meanwhile")
