"""The rows of the table: each measures its pairs in turn and says what came out."""

import statistics
import subprocess
import time

import brokers
import idle_poll
import rows_client as client
import rows_command as command
import rows_failover as failover
import rows_peers as peers
import rows_schedule as schedule
import rows_schedule_peers as schedule_peers
import rows_task as task
import rows_transactions as txn
from figures import spread

MB = 1_000_000


def of_limit(pairs, key):
    """Percent of the limit program, and both medians."""
    ratios = [100 * ours[key] / limit[key] for limit, ours in pairs]
    ours = statistics.median(pair[1][key] for pair in pairs)
    limit = statistics.median(pair[0][key] for pair in pairs)
    return f"{spread(ratios, 0)} %", ours, limit


def row_produce(run, durability):
    size = "512M" if run.quick else "4G"
    common = ("--acks", 1, "--batch", "128K", "--bytes", size)
    pairs = []
    for _ in range(run.repeats):
        limit = run.limit("produce-sink", "--file", "growing", "--dir", run.dir, "--batch", "128K",
                          "--bytes", size)
        with run.horolog() as broker:
            ours = run.load(broker, "produce", *common, "--config",
                            f"horolog.durability={durability}")
        pairs.append((limit, ours))
    ratio, ours, limit = of_limit(pairs, "mb_per_s")
    cpu = statistics.median(pair[1]["broker_cpu_s_per_gb"] for pair in pairs)
    cpu_limit = statistics.median(pair[0]["server_cpu_s_per_gb"] for pair in pairs)
    detail = f"{ours:.0f} of {limit:.0f} MB/s; CPU {cpu:.2f} beside {cpu_limit:.2f} s/GB"
    return ratio, detail


def row_produce_os(run):
    return row_produce(run, "os")


def row_produce_commit(run):
    return row_produce(run, "commit")


def wait_for_prepared(data, bytes_wanted):
    """Until a segment's blocks are there and no longer growing."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        blocks = [512 * path.stat().st_blocks for path in data.glob("burst-0/*.log")]
        if blocks and max(blocks) >= bytes_wanted:
            time.sleep(0.5)
            return
        time.sleep(0.05)
    raise RuntimeError("the broker did not prepare the segment of a preallocated topic")


def row_burst(run):
    segment = 512 << 20 if run.quick else 1 << 30
    burst = int(segment * 0.9)
    pairs = []
    for _ in range(run.repeats):
        limit = run.limit("produce-sink", "--file", "prewritten", "--dir", run.dir, "--batch",
                          "128K", "--bytes", burst, "--file-bytes", segment)
        with run.horolog() as broker:
            run.load(broker, "produce", "--topic", "burst", "--bytes", "1M", "--config",
                     "horolog.durability=os", "--config", "preallocate=true", "--config",
                     f"segment.bytes={segment}")
            wait_for_prepared(broker.data, segment)
            ours = run.load(broker, "produce", "--topic", "burst", "--create", "no", "--acks", 1,
                            "--batch", "128K", "--bytes", burst)
        pairs.append((limit, ours))
    ratio, ours, limit = of_limit(pairs, "mb_per_s")
    return ratio, f"{ours:.0f} of {limit:.0f} MB/s"


def row_acks_all(run):
    size = "512M" if run.quick else "2G"
    pairs, growing, syncs = [], [], []
    common = ("--dir", run.dir, "--batch", "128K", "--in-flight", 20, "--bytes", size)
    for _ in range(run.repeats):
        limit = run.limit("durable-ack", *common, "--file-bytes", "1G")
        growing.append(run.limit("durable-ack", *common, "--file", "growing"))
        with run.horolog() as broker:
            ours = run.load(broker, "produce", "--acks", "all", "--batch", "128K", "--in-flight",
                            20, "--bytes", size)
            syncs.append(broker.metric("horolog_syncs_total"))
        pairs.append((limit, ours))
    ratio, ours, limit = of_limit(pairs, "mb_per_s")
    often = statistics.median(pair[0]["syncs"] for pair in pairs)
    new_space, _, _ = of_limit(list(zip(growing, (pair[1] for pair in pairs))), "mb_per_s")
    return ratio, (f"{ours:.0f} of {limit:.0f} MB/s; {statistics.median(syncs):.0f} syncs beside "
                   f"{often:.0f}; {new_space} of the limit program when its file grows too")


def row_durable(run, connections):
    seconds = 1 if run.quick else 10
    pairs = []
    with run.horolog() as broker:
        for _ in range(run.repeats):
            limit = run.limit("durable-ack", "--dir", run.dir, "--connections", connections,
                              "--seconds", seconds)
            ours = run.load(broker, "produce", "--acks", "all", "--batch", "1K", "--in-flight", 1,
                            "--connections", connections, "--seconds", seconds, "--warmup", 0.5)
            pairs.append((limit, ours))
    ratio, ours, limit = of_limit(pairs, "requests_per_s")
    return ratio, f"{ours:.0f} of {limit:.0f} records/s"


def row_fetch(run):
    size = "512M" if run.quick else "1G"
    passes = 2 if run.quick else 4
    pairs = []
    with run.horolog() as broker:
        run.load(broker, "produce", "--topic", "fetched", "--acks", "all", "--batch", "128K",
                 "--bytes", size)
        for _ in range(run.repeats):
            limit = run.limit("fetch-source", "--dir", run.dir, "--bytes", "1G")
            ours = run.load(broker, "consume", "--topic", "fetched", "--create", "no", "--passes",
                            passes)
            pairs.append((limit, ours))
    ratio, ours, limit = of_limit(pairs, "mb_per_s")
    best = statistics.mode(pair[0]["best"] for pair in pairs)
    return ratio, f"{ours:.0f} of {limit:.0f} MB/s (best: {best})"


def librdkafka_cpu(run, producer, broker, megabytes):
    topic = f"bulk-{time.monotonic_ns()}"
    before = brokers.cpu_seconds(broker.pid)
    subprocess.run([producer, broker.address, topic, str(megabytes), "linger.ms=5"], check=True,
                   stdout=subprocess.DEVNULL)
    return (brokers.cpu_seconds(broker.pid) - before) / (megabytes / 1000)


def row_librdkafka(run):
    producer = run.dir / "rdkafka_produce"
    subprocess.run(["c++", "-O2", "-std=c++20", brokers.HERE / "peers" / "rdkafka_produce.cpp",
                    "-lrdkafka", "-o", producer], check=True)
    megabytes = 500 if run.quick else 2000
    kafka = run.kafka()
    librdkafka_cpu(run, producer, kafka, megabytes)
    pairs = []
    for _ in range(run.repeats):
        theirs = librdkafka_cpu(run, producer, kafka, megabytes)
        with run.horolog() as broker:
            pairs.append((theirs, librdkafka_cpu(run, producer, broker, megabytes)))
    theirs, ours = zip(*pairs)
    return (f"{spread(o / t for t, o in pairs)} ×",
            f"{spread(ours)} beside {spread(theirs)} CPU s/GB")


def compare_latency(run, field, *words):
    pairs = []
    kafka = run.kafka()
    seconds, warmup = (3, 1) if run.quick else (30, 5)
    with run.horolog() as broker:
        for _ in range(run.repeats):
            measured = [run.load(node, "latency", "--seconds", seconds, "--warmup", warmup,
                                 *words)[field]
                        for node in (kafka, broker)]
            pairs.append(measured)
    p50 = spread(ours["p50_us"] / theirs["p50_us"] for theirs, ours in pairs)
    p99 = spread(ours["p99_us"] / theirs["p99_us"] for theirs, ours in pairs)

    def median(index, key):
        return statistics.median(pair[index][key] for pair in pairs)
    detail = (f"{median(1, 'p50_us'):.0f} / {median(1, 'p99_us'):.0f} beside "
              f"{median(0, 'p50_us'):.0f} / {median(0, 'p99_us'):.0f} µs")
    return f"p50 {p50} ×; p99 {p99} ×", detail


def row_ack_latency(run):
    return compare_latency(run, "ack_latency", "--rate", 2000, "--acks", "all")


def row_end_to_end(run):
    return compare_latency(run, "end_to_end_latency", "--rate", 5000, "--acks", "all", "--mode",
                           "end-to-end")


def row_start(run):
    starts, rss = [], []
    for _ in range(run.repeats):
        with run.horolog() as broker:
            starts.append(1000 * broker.ready_seconds)
            time.sleep(1)
            rss.append(brokers.rss_bytes(broker.pid) / MB)
    return f"{spread(starts, 0)} ms; {spread(rss, 1)} MB", ""


def row_restart(run):
    size = "1G" if run.quick else "4G"
    took = []
    for _ in range(1 if run.quick else 3):
        broker = run.horolog()
        run.load(broker, "produce", "--topic", "big", "--acks", 1, "--batch", "128K", "--bytes",
                 size)
        broker.kill()
        with run.horolog(keep=True) as again:
            took.append(again.ready_seconds)
            run.load(again, "produce", "--topic", "big", "--create", "no", "--bytes", "1M")
    return f"{spread(took)} s", f"{size} in the log"


def row_partitions(run):
    """A record goes into every partition, so that each has its files; that time is not counted."""
    created, restarted, rss = [], [], []
    for _ in range(1 if run.quick else 3):
        broker = run.horolog()
        made = run.load(broker, "produce", "--topic", "many", "--partitions", 2000,
                        "--connections", 2000, "--in-flight", 1, "--batch", "1K", "--bytes",
                        2000 * 1094)
        created.append(made["create_s"])
        broker.stop()
        with run.horolog(keep=True) as again:
            restarted.append(again.ready_seconds)
            time.sleep(1)
            rss.append(brokers.rss_bytes(again.pid) / MB)
    return f"{spread(created)} s; {spread(restarted)} s; {spread(rss, 0)} MB", "2,000 partitions"


def row_stop(run):
    """From SIGTERM to the end of the process; every partition was written to since the start."""
    took = []
    for _ in range(1 if run.quick else 3):
        broker = run.horolog()
        run.load(broker, "produce", "--topic", "many", "--partitions", 1000, "--connections", 1000,
                 "--in-flight", 1, "--batch", "1K", "--bytes", 4000 * 1094)
        began = time.monotonic()
        broker.stop()
        took.append(time.monotonic() - began)
    return f"{spread(took)} s", "1,000 written partitions"


def row_idle_poll(run):
    partitions, polls = 1000, 1000 if run.quick else 5000
    kafka = run.kafka()
    ours, theirs = [], []
    for _ in range(run.repeats):
        theirs.append(idle_poll.measure(kafka, partitions, polls))
        with run.horolog() as broker:
            ours.append(idle_poll.measure(broker, partitions, polls))
    per_partition = spread((without / partitions for _, without in ours), 3)
    kafka_with, kafka_without = (statistics.median(column) for column in zip(*theirs))
    return (f"{spread((kept for kept, _ in ours), 0)} µs; {per_partition} µs a partition",
            f"Apache Kafka {kafka_with:.0f} µs; {kafka_without / partitions:.3f} µs a partition")


def row_clean(run):
    """In horolog-bench itself: every key twice, so that half of the records go."""
    size = "512M" if run.quick else "4G"
    runs = [run.tool("clean", "--dir", run.dir, "--bytes", size) for _ in range(run.repeats)]
    per_key = max(one["map_bytes_per_key"] for one in runs)
    return (f"{spread((one['input_mb_per_cpu_s'] for one in runs), 0)} MB per CPU second",
            f"{statistics.median(one['mb_per_s'] for one in runs):.0f} MB/s; map {per_key:.1f} "
            f"bytes per key")


ROWS = {
    "produce-os": ("produce acks=1, 128 KiB batches, `os`, against the growing file",
                   "65 % / 100 %", row_produce_os),
    "produce-commit": ("the same with `commit`", "–", row_produce_commit),
    "burst": ("burst into prepared space, against the prewritten file", "50 % / 80 %", row_burst),
    "acks-all": ("produce acks=all, 2.6 MB in flight, against group commit", "70 % / 90 %",
                 row_acks_all),
    "durable-1": ("durable records/s, 1 connection", "60 % / 85 %", lambda r: row_durable(r, 1)),
    "durable-16": ("durable records/s, 16 connections", "60 % / 85 %",
                   lambda r: row_durable(r, 16)),
    "durable-64": ("durable records/s, 64 connections", "60 % / 85 %",
                   lambda r: row_durable(r, 64)),
    "fetch": ("fetch of cached data, against the best fetch source", "60 % / 85 %", row_fetch),
    "librdkafka": ("bulk produce through librdkafka, broker CPU, against Kafka",
                   "0.5 × / 0.25 ×", row_librdkafka),
    "ack-latency": ("acks=all at 2,000/s, synced, against Kafka without a sync",
                    "p50 1.6 ×, p99 1 × / 1.2 ×, 0.6 ×", row_ack_latency),
    "end-to-end": ("end to end at 5,000/s, synced, against Kafka without a sync",
                   "1 ×, 1 × / 0.8 ×, 0.6 ×", row_end_to_end),
    "idle-poll": ("idle poll of 1,000 partitions, broker CPU: with a session; without",
                  "50 µs; 2 µs a partition", row_idle_poll),
    "start": ("start on an empty directory; idle RSS", "100 ms, 20 MB / 30 ms, 12 MB", row_start),
    "restart": ("restart after kill -9", "1 s / 0.3 s", row_restart),
    "partitions": ("create 2,000 partitions; restart; RSS",
                   "5 s, 2 s, 200 MB / 1 s, 0.5 s, 80 MB", row_partitions),
    "clean": ("compaction of 1 KiB records, half of them superseded", "300 MB/CPU s, 32 B/key",
              row_clean),
    "txn-commits-1": ("group commits per transaction of 10 records, first protocol",
                      "4; 6; 0.2", lambda r: txn.row_txn_commits(r, 1)),
    "txn-commits-2": ("the same, second protocol (KIP-890)", "3; 5; 0.2",
                      lambda r: txn.row_txn_commits(r, 2)),
    "txn-1": ("transactions/s, 1 producer, synced, against Kafka without a sync", "1 × / 3 ×",
              txn.row_txn_rate),
    "txn-16": ("transactions/s, 16 producers on 1 partition, the same", "3 ×",
               lambda r: txn.row_txn_rate(r, "--producers", 16)),
    "txn-20": ("transactions/s over 20 partitions, 1 producer, the same", "published",
               lambda r: txn.row_txn_rate(r, "--partitions", 20, "--spread", 20, "--records", 20)),
    "read-committed": ("fetch by read_committed against read_uncommitted", "90 %",
                       txn.row_read_committed),
    "cleaning": ("ack p99 while the broker compacts, against while it does not", "–",
                 txn.row_cleaning),
    "connections": ("broker memory per idle connection", "16 KiB / 8 KiB", peers.row_connections),
    "rebalance": ("rebalance of a group, by members", "–", peers.row_rebalance),
    "redis-1": ("durable records/s, 1 connection, against Redis streams, appendfsync always",
                "0.75 × / 1 ×", lambda r: peers.row_redis(r, 1)),
    "redis-16": ("the same, 16 connections", "1.2 × / 2 ×", lambda r: peers.row_redis(r, 16)),
    "redis-bulk": ("bulk, synced, against Redis streams, appendfsync always", "2 × / 5 ×",
                   peers.row_redis_bulk),
    "kafka-bulk": ("bulk produce acks=all, synced, against Kafka without a sync", "1 × / 2 ×",
                   peers.row_kafka_bulk),
    "consume-pipe": ("`horolog consume` of 100-byte records to a pipe, against kcat", "1.5 ×",
                     command.row_consume_pipe),
    "verify": ("`horolog log verify` of an uncompressed log in the page cache", "1 GB/s a core",
               command.row_verify),
    "pending": ("one-shots over 30 days: accepted; memory; restart to first fire",
                "50,000/s; 512 MB; 30 s / 200,000/s; 320 MB; 5 s", schedule.row_pending),
    "due-at-once": ("all due in the same second, embedded: until all are committed",
                    "20 s for 1 M / 5 s", schedule.row_burst),
    "steady-fires": ("steady fires, embedded: p99 of nominal time until seen, over the timers",
                     "+20 ms / +5 ms", schedule.row_steady),
    "steady-kafka": ("the same through `horolog-scheduler` on Apache Kafka", "+150 ms / +60 ms",
                     schedule.row_steady_kafka),
    "pending-lateness": ("lateness by what is pending, embedded", "– / flat",
                         schedule.row_pending_lateness),
    "one-shot-bytes": ("bytes written per one-shot, all topics", "–", schedule.row_bytes),
    "failover-stop": ("failover after a clean stop", "1 s / 0.2 s", failover.row_failover_stop),
    "failover-kill": ("failover after kill -9, session timeout 6 s", "8 s / 6.5 s",
                      failover.row_failover_kill),
    "bulk-cancel": ("bulk cancel by label", "60 s for 1 M / 10 s", failover.row_bulk_cancel),
    "peer-robfig": ("schedules every second, against robfig/cron v3 in memory", "–",
                    schedule_peers.row_robfig),
    "peer-asynq": ("delayed jobs, against asynq on Redis", "–", schedule_peers.row_asynq),
    "tasks-1": ("empty tasks, exactly once, 1 worker, beside asynq and RabbitMQ",
                "20 k/s / 60 k/s", lambda r: task.row_backlog(r, 1)),
    "tasks-4": ("the same, 4 workers", "20 k/s / 60 k/s", lambda r: task.row_backlog(r, 4)),
    "task-start": ("task produced until started at 1,000/s, beside asynq and RabbitMQ",
                   "20 ms / 5 ms", task.row_start),
    "task-failing": ("tasks/s with 1 in 100 failing and tried again, against none",
                     "70 % / 90 %", task.row_failing),
    "task-slow-key": ("p99 wait behind a slow key's tasks, against none", "1.5 × / 1.1 ×",
                      task.row_slow_key),
    "task-killed": ("asynq and RabbitMQ killed while they accept tasks", "–", task.row_killed),
    "client-sink": ("own producer, 100-byte records, into a null sink", "2 M / 4 M",
                    client.row_null_sink),
    "client-100": ("own producer and consumer end to end, 100-byte records, against librdkafka",
                   "1.5 × / 2.5 ×", lambda r: client.row_client(r, "both", 100)),
    "client-1024": ("the same, 1 KiB records", "1.5 × / 2.5 ×",
                    lambda r: client.row_client(r, "both", 1024)),
    "client-consume": ("own consumer, 100-byte records, against librdkafka", "–",
                       lambda r: client.row_client(r, "consume", 100)),
    "stop": ("clean stop with 1,000 partitions", "5 s / 1 s", row_stop),
}
