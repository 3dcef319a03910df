"""Suite `files`: Apache Kafka's DumpLogSegments reads every file of a cleanly stopped broker."""
import re

from harness import clients as known
from harness import driver
from harness.kafka_tools import KafkaTools
from harness.results import check

from . import clients

SUITE = "files"
RECORDS = 3000


def prepare(broker):
    """A topic of several segments, an idempotent producer's state, a group with commits, and
    transactions of which every third is aborted."""
    clients.fill("dumped", broker, RECORDS, partitions=1, create=1, segment=1 << 20,
                 idempotent=1, values=400)
    client = known.confluent()
    clients.group(client, broker)
    clients.fill("transacted", broker, 0, partitions=3, create=1)
    driver.run(client.command, "transact", bootstrap=broker.bootstrap, topic="transacted",
               id="dumped-id", count=6)
    broker.stop()


def bad_lines(out):
    pattern = re.compile(r"isvalid: false|mismatch|invalid|corrupt|exception|could not|failed",
                         re.I)
    return [line for line in out.splitlines() if pattern.search(line)]


def dump(tools, path, *flags):
    out = tools.good("dump-log", "--files", path, *flags)
    check(not bad_lines(out), f"{path.name}:\n" + "\n".join(bad_lines(out)[:5]))
    return out


def logs(tools, folder):
    files = sorted(folder.glob("*.log"))
    check(len(files) >= 3, f"{len(files)} segments: the topic should have rolled")
    offsets = []
    for path in files:
        out = dump(tools, path, "--deep-iteration", "--print-data-log")
        offsets += map(int, re.findall(r"^\| offset: (\d+)", out, re.M))
        ends = [int(p) for p in re.findall(r"position: (\d+) ", out)]
        check(ends, f"{path.name}: no batch")
    check(offsets == list(range(RECORDS)), f"{len(offsets)} records of {RECORDS}")


def indexes(tools, folder, suffix):
    files = sorted(folder.glob(f"*.{suffix}"))
    check(files, f"no .{suffix} in {folder}")
    for path in files:
        out = dump(tools, path)
        sane = dump(tools, path, "--index-sanity-check")
        check("passed sanity check" in sane, f"{path.name}: {sane}")
        if path != files[-1] or suffix == "timeindex":
            check(re.search(r"offset: \d+", out), f"{path.name}: no entry:\n{out}")


def snapshots(tools, folder):
    files = sorted(folder.glob("*.snapshot"))
    check(files, f"no .snapshot in {folder}")
    out = dump(tools, files[-1])
    check(re.search(r"producerId: \d+ producerEpoch: 0", out), out)
    check(re.search(rf"lastOffset: {RECORDS - 1}\b|firstSequence: \d+ lastSequence: "
                    rf"{RECORDS - 1}", out), out)


def offsets(tools, data):
    found = []
    for path in sorted(data.glob("__consumer_offsets-*/*.log")):
        found.append(dump(tools, path, "--offsets-decoder"))
    text = "".join(found)
    for partition in range(clients.PARTITIONS):
        check(re.search(rf'"group":"group-confluent-kafka","topic":"group-confluent-kafka",'
                        rf'"partition":{partition}\D', text), f"no commit of partition {partition}")
    check('"offset":150' in text, "no commit of offset 150")
    check("GroupMetadata" in text or '"protocolType":"consumer"' in text, "no group metadata")


def transaction_state(tools, data):
    text = ""
    for path in sorted(data.glob("__transaction_state-*/*.log")):
        text += dump(tools, path, "--transaction-log-decoder")
    check('"transactionalId":"dumped-id"' in text, "no record of the transactional id")
    seen = {int(s) for s in re.findall(r'"transactionStatus":(\d)', text)}
    # Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort
    check(seen == {0, 1, 2, 3, 4, 5}, f"states {seen}")
    check('"transactionPartitions":[{"topic":"transacted","partitionIds":[0,1,2]}]' in text,
          "no record names the partitions")


def markers(tools, folder):
    text = dump(tools, folder / "00000000000000000000.log", "--print-data-log")
    found = re.findall(r"endTxnMarker: (\w+) coordinatorEpoch: 0", text)
    check(found == ["ABORT", "COMMIT", "COMMIT"] * 2, f"markers {found}")


def transaction_index(tools, folder):
    out = dump(tools, folder / "00000000000000000000.txnindex")
    entries = re.findall(r"firstOffset: (\d+) lastOffset: (\d+) lastStableOffset: (\d+)", out)
    check(entries == [("0", "1", "2"), ("6", "7", "8")], f"entries {entries}")


def metadata(tools, data):
    text = ""
    for path in sorted(data.glob("__cluster_metadata-0/*.log")):
        text += dump(tools, path, "--cluster-metadata-decoder")
    for kind in ("FEATURE_LEVEL_RECORD", "REGISTER_BROKER_RECORD", "TOPIC_RECORD",
                 "PARTITION_RECORD", "CONFIG_RECORD"):
        check(f'"type":"{kind}"' in text, f"no {kind} in the metadata log")
    check('"name":"dumped"' in text, "the topic is not in the metadata log")


def run(results, broker, _work, _chosen):
    if not results.run(SUITE, "broker", "data and a clean stop", prepare, broker):
        return
    folder = broker.data / "dumped-0"
    with KafkaTools() as tools:
        results.run(SUITE, "DumpLogSegments", ".log", logs, tools, folder)
        results.run(SUITE, "DumpLogSegments", ".index", indexes, tools, folder, "index")
        results.run(SUITE, "DumpLogSegments", ".timeindex", indexes, tools, folder, "timeindex")
        results.run(SUITE, "DumpLogSegments", ".snapshot", snapshots, tools, folder)
        results.run(SUITE, "DumpLogSegments", "__consumer_offsets", offsets, tools, broker.data)
        results.run(SUITE, "DumpLogSegments", "__transaction_state", transaction_state, tools,
                    broker.data)
        transacted = broker.data / "transacted-0"
        results.run(SUITE, "DumpLogSegments", "control batches", markers, tools, transacted)
        results.run(SUITE, "DumpLogSegments", ".txnindex", transaction_index, tools, transacted)
        results.run(SUITE, "DumpLogSegments", "__cluster_metadata", metadata, tools, broker.data)
