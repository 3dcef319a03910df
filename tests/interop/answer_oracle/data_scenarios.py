"""Scenarios of Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords, InitProducerId."""
import base64

import batches
from batches import batch
from registry import scenario
from target import ZERO_ID

MISSING_ID = base64.urlsafe_b64encode(bytes(range(1, 17))).decode().rstrip("=")


def produce(name, topic_id, records, partition=0, acks=-1, transactional=None):
    return {"transactionalId": transactional, "acks": acks, "timeoutMs": 10000, "topicData": [
        {"name": name, "topicId": topic_id, "partitionData": [
            {"index": partition, "records": records}]}]}


@scenario("Produce")
def produce_basic(t):
    if t.version < 3:
        t.ask(produce("x", ZERO_ID, batch()), "a version below 3", encode_as=3, wait=3000)
        return
    name, topic_id = t.topic()
    t.ask(produce(name, topic_id, batch()), "acks=all")
    t.ask(produce(name, topic_id, batch(), acks=1), "acks=1")
    t.ask(produce(name, topic_id, batch(((None, b"v"), (b"k", None)))), "null key, null value")
    t.ask(produce(name, topic_id, batch(gzip=True)), "gzip")
    t.ask(produce(name, topic_id, batch(), partition=7), "unknown partition")
    t.ask(produce(t.name("no"), MISSING_ID, batch()), "unknown topic")
    t.ask(produce(name, topic_id, batch(), acks=2), "acks=2")
    t.ask(produce(name, topic_id, batch(damage=True)), "bad checksum")
    t.ask(produce(name, topic_id, batch(magic=1)), "old record format", wait=3000)
    t.ask(produce(name, topic_id, batch(count=5)), "record count too high")
    t.ask(produce(name, topic_id, batch(last=4)), "last offset too high")
    t.ask(produce(name, topic_id, batch(attributes=0x20)), "control batch")
    t.ask(produce(name, topic_id, batch(attributes=4)), "zstd before version 7"
          if t.version < 7 else None)
    t.ask(produce(name, topic_id, batch(at=batches.NOW + 10 ** 9)), "timestamp in the future")
    small, small_id = t.topic("small", **{"max.message.bytes": 100})
    t.ask(produce(small, small_id, batch(((b"k", b"v" * 200),))), "too large for its topic")
    compact, compact_id = t.topic("compact", **{"cleanup.policy": "compact"})
    t.ask(produce(compact, compact_id, batch(((None, b"v"),))), "null key, compacted topic")
    stamped, stamped_id = t.topic("append", **{"message.timestamp.type": "LogAppendTime"})
    t.ask(produce(stamped, stamped_id, batch()), "log append time")


@scenario("Produce")
def produce_record_errors(t):
    if t.version < 3:
        return
    three = ((b"k", b"v"), (b"k", b"v"), (b"k", b"v"))
    far = 10 ** 10
    name, topic_id = t.topic()
    for gzip in (False, True):
        how = "gzip" if gzip else "plain"
        t.ask(produce(name, topic_id, batch(three, steps=far, gzip=gzip)),
              f"two records in the future, {how}")
        t.ask(produce(name, topic_id, batch(three, at=batches.NOW - far, steps=far // 2)),
              f"records of the past, {how}")
    old, old_id = t.topic("old", **{"message.timestamp.before.max.ms": 86400000})
    for gzip in (False, True):
        t.ask(produce(old, old_id, batch(three, at=batches.NOW - far, steps=far // 2,
                                         gzip=gzip)), f"two records too old, gzip={gzip}")
    compact, compact_id = t.topic("compact", **{"cleanup.policy": "compact"})
    some = ((b"k", b"v"), (None, b"v"), (b"k", b"v"), (None, b"v"))
    for gzip in (False, True):
        t.ask(produce(compact, compact_id, batch(some, gzip=gzip)),
              f"two keys missing, gzip={gzip}")
    t.ask(produce(compact, compact_id, batch(some, steps=far)), "no key and in the future")
    t.ask(produce(name, topic_id, batch(attributes=8)), "the producer claims log append time")
    stamped, stamped_id = t.topic("stamped", **{"message.timestamp.type": "LogAppendTime"})
    t.ask(produce(stamped, stamped_id, batch(attributes=8)),
          "the producer claims log append time where the topic stamps")
    t.ask(produce(stamped, stamped_id, batch(three, steps=far)), "log append time, in the future")
    small, small_id = t.topic("packed", **{"compression.type": "uncompressed",
                                           "max.message.bytes": 300})
    t.ask(produce(small, small_id, batch(((b"k", b"v" * 400),), gzip=True)),
          "too large once unpacked")


@scenario("Produce")
def produce_idempotent(t):
    if t.version < 3:
        return
    name, topic_id = t.topic()
    pid = init(t)
    for seq in (0, 1, 2):
        t.ask(produce(name, topic_id, batch(pid=pid, epoch=0, seq=seq)), f"sequence {seq}")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=0, seq=1)), "sequence 1 again")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=0, seq=9)), "sequence 9, out of order")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=1, seq=5)), "new epoch not at 0")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=1, seq=0)), "new epoch")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=0, seq=3)), "old epoch")
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=1, seq=-1)), "no sequence")


def init(t):
    for _ in range(100):
        got = t.ask({"transactionalId": None, "transactionTimeoutMs": 60000},
                    api="InitProducerId", version=4)
        if got["errorCode"] == 0:
            t.mask(got["producerId"], "producer id")
            return got["producerId"]
    raise AssertionError("no producer id")


@scenario("InitProducerId")
def init_producer_id(t):
    init(t)
    t.ask({"transactionalId": None, "transactionTimeoutMs": 60000}, "idempotent")
    t.ask({"transactionalId": None, "transactionTimeoutMs": 60000, "producerId": 77,
           "producerEpoch": 3}, "with an id of its own")
    t.ask({"transactionalId": "", "transactionTimeoutMs": 60000}, "empty transactional id")


def fetch(name, topic_id, offset=0, partition=0, epoch=-1, last_epoch=-1, size=1 << 20, **more):
    return {"clusterId": None, "replicaId": -1, "maxWaitMs": 50, "minBytes": 1,
            "maxBytes": 1 << 20, "isolationLevel": 0, "sessionId": 0, "sessionEpoch": -1,
            "topics": [{"topic": name, "topicId": topic_id, "partitions": [
                {"partition": partition, "currentLeaderEpoch": epoch, "fetchOffset": offset,
                 "lastFetchedEpoch": last_epoch, "logStartOffset": -1,
                 "partitionMaxBytes": size}]}],
            "forgottenTopicsData": [], "rackId": "", **more}


@scenario("Fetch")
def fetch_basic(t):
    name, topic_id = t.topic(partitions=2)
    for n in range(3):
        t.produce(name, batch(((b"k", b"%d" % n), (None, None))))
    t.ask(fetch(name, topic_id), "from the start")
    t.ask(fetch(name, topic_id, offset=3), "from the middle of a batch")
    t.ask(fetch(name, topic_id, offset=6), "at the end")
    t.ask(fetch(name, topic_id, size=1), "limit below one batch")
    t.ask(fetch(name, topic_id, isolationLevel=1), "read committed")
    t.ask(fetch(name, topic_id, epoch=0, last_epoch=0), "with leader epochs")
    t.ask(fetch(name, topic_id, partition=1), "an empty partition")
    t.ask(fetch(name, topic_id, offset=7), "above the end")
    t.ask(fetch(name, topic_id, offset=-5), "below the start")
    t.ask(fetch(name, topic_id, partition=9), "unknown partition")
    t.ask(fetch(t.name("no"), MISSING_ID), "unknown topic")
    t.ask(fetch(name, topic_id, epoch=99), "leader epoch of the future")
    t.ask(fetch(name, topic_id, epoch=-1, last_epoch=99), "diverging epoch")
    t.ask(fetch(name, topic_id, sessionId=1234, sessionEpoch=7), "unknown session")
    t.ask(fetch(name, topic_id, sessionId=0, sessionEpoch=5), "bad session epoch")


def list_offsets(name, at, partition=0, epoch=-1):
    return {"replicaId": -1, "isolationLevel": 0, "timeoutMs": 5000, "topics": [
        {"name": name, "partitions": [
            {"partitionIndex": partition, "currentLeaderEpoch": epoch, "timestamp": at}]}]}


@scenario("ListOffsets")
def offsets_by_time(t):
    name, _ = t.topic(partitions=2)
    at = batches.NOW
    t.produce(name, batch(tuple((b"k", b"%d" % n) for n in range(5)), at=at, steps=100))
    t.produce(name, batch(tuple((b"k", b"%d" % n) for n in range(5)), at=at + 1000, steps=100,
                          gzip=True))
    for label, stamp in (("latest", -1), ("earliest", -2), ("max timestamp", -3),
                         ("earliest local", -4), ("latest tiered", -5), ("first pending", -6),
                         ("unknown special", -9), ("before all", at - 1), ("first", at),
                         ("inside a batch", at + 250), ("between batches", at + 700),
                         ("inside a compressed batch", at + 1150), ("after all", at + 10 ** 6)):
        t.ask(list_offsets(name, stamp), label)
        if stamp < 0:
            t.ask(list_offsets(name, stamp, partition=1), f"{label}, empty partition")
    t.ask({**list_offsets(name, -1), "isolationLevel": 1}, "read committed")
    t.ask(list_offsets(name, -1, epoch=0), "leader epoch 0")
    t.ask(list_offsets(name, -1, epoch=99), "leader epoch of the future")
    t.ask(list_offsets(name, -1, partition=9), "unknown partition")
    t.ask(list_offsets(t.name("no"), -1), "unknown topic")
    double = list_offsets(name, -1)
    double["topics"][0]["partitions"] *= 2
    t.ask(double, "one partition twice")


@scenario("OffsetForLeaderEpoch")
def leader_epochs(t):
    name, _ = t.topic()
    t.produce(name, batch())

    def request(topic, epoch, current=-1, partition=0):
        return {"replicaId": -1, "topics": [{"topic": topic, "partitions": [
            {"partition": partition, "currentLeaderEpoch": current, "leaderEpoch": epoch}]}]}

    t.ask(request(name, 0), "epoch 0")
    t.ask(request(name, 0, current=0), "epoch 0, current epoch given")
    t.ask(request(name, 5), "epoch of the future")
    t.ask(request(name, -1), "undefined epoch")
    t.ask(request(name, 0, current=99), "current epoch of the future")
    t.ask(request(name, 0, partition=9), "unknown partition")
    t.ask(request(t.name("no"), 0), "unknown topic")


@scenario("DeleteRecords")
def delete_records(t):
    name, _ = t.topic()
    for _ in range(5):
        t.produce(name, batch())

    def request(topic, offset, partition=0):
        return {"timeoutMs": 5000, "topics": [{"name": topic, "partitions": [
            {"partitionIndex": partition, "offset": offset}]}]}

    t.ask(request(name, 2), "up to 2")
    t.ask(request(name, 1), "below the start")
    t.ask(request(name, 99), "above the end")
    t.ask(request(name, -5), "a negative offset")
    t.ask(request(name, -1), "everything")
    t.ask(request(name, 0, partition=9), "unknown partition")
    t.ask(request(t.name("no"), 0), "unknown topic")
