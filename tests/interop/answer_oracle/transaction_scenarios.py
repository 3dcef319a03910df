"""Scenarios of transactions: both protocols, their errors, and what tools ask of them.

Markers are written after EndTxn has been answered, so what depends on them waits for the state to
be complete.
"""
import time

from batches import batch
from data_scenarios import fetch, produce
from registry import scenario
from harness.results import CaseError

TRANSACTIONAL = 0x10
TIMEOUT_MS = 60000


def init(t, suffix="x", again=None):
    """Producer id and epoch of a transactional id; asks again while the last end is under way."""
    # Kafka makes the topic of its coordinators when a client looks for one.
    t.ask({"keyType": 1, "coordinatorKeys": [t.name(suffix)]}, api="FindCoordinator", version=4)
    request = {"transactionalId": t.name(suffix), "transactionTimeoutMs": TIMEOUT_MS,
               "producerId": -1, "producerEpoch": -1, **(again or {})}
    for _ in range(400):
        got = t.ask(request, api="InitProducerId", version=4)
        if got["errorCode"] not in (14, 15, 16, 51):
            break
        time.sleep(0.02)
    if got["errorCode"] != 0:
        raise CaseError(f"{t.broker}: InitProducerId: {got}")
    t.mask(got["producerId"], f"producer of {suffix}")
    return got["producerId"], got["producerEpoch"]


def add_one(tid, pid, epoch, topics):
    return {"v3AndBelowTransactionalId": tid, "v3AndBelowProducerId": pid,
            "v3AndBelowProducerEpoch": epoch,
            "v3AndBelowTopics": [{"name": n, "partitions": p} for n, p in topics]}


def add_many(tid, pid, epoch, topics, verify=False):
    return {"transactions": [{"transactionalId": tid, "producerId": pid, "producerEpoch": epoch,
                              "verifyOnly": verify,
                              "topics": [{"name": n, "partitions": p} for n, p in topics]}]}


def add(t, tid, pid, epoch, name, second=False):
    """Registers partition 0, with the first protocol or with the second."""
    body = (add_many if second else add_one)(tid, pid, epoch, [(name, [0])])
    for _ in range(400):
        got = t.ask(body, api="AddPartitionsToTxn", version=4 if second else 3)
        if second:
            code = got["resultsByTransaction"][0]["topicResults"][0]["resultsByPartition"][0]
        else:
            code = got["resultsByTopicV3AndBelow"][0]["resultsByPartition"][0]
        if code["partitionErrorCode"] != 51:
            break
        time.sleep(0.02)
    if code["partitionErrorCode"] != 0:
        raise CaseError(f"{t.broker}: AddPartitionsToTxn: {got}")


def end(tid, pid, epoch, commit):
    return {"transactionalId": tid, "producerId": pid, "producerEpoch": epoch, "committed": commit}


def settle(t, tid):
    """Until no markers are under way."""
    for _ in range(400):
        got = t.ask({"transactionalIds": [tid]}, api="DescribeTransactions", version=0)
        if not got["transactionStates"][0]["transactionState"].startswith("Prepare"):
            return
        time.sleep(0.02)
    raise CaseError(f"{t.broker}: {tid} does not come to an end: {got}")


def transactional(pid, epoch, seq, value=b"v"):
    return batch(((b"k", value),), pid=pid, epoch=epoch, seq=seq, attributes=TRANSACTIONAL)


def send(t, name, topic_id, tid, pid, epoch, seq):
    """A batch of a registered partition, through Produce 11."""
    for _ in range(400):
        got = t.ask(produce(name, topic_id, transactional(pid, epoch, seq), transactional=tid),
                    api="Produce", version=11)
        code = got["responses"][0]["partitionResponses"][0]["errorCode"]
        if code not in (3, 6, 19):
            break
        time.sleep(0.02)
    if code != 0:
        raise CaseError(f"{t.broker}: Produce: {got}")


@scenario("InitProducerId")
def init_transactional(t):
    pid, epoch = init(t)
    tid = t.name("x")

    def ask(label, **more):
        t.ask({"transactionalId": tid, "transactionTimeoutMs": TIMEOUT_MS, "producerId": -1,
               "producerEpoch": -1, **more}, label)

    ask("a second time")
    ask("timeout too long", transactionTimeoutMs=10 ** 9)
    ask("timeout 0", transactionTimeoutMs=0)
    if t.version >= 3:
        ask("by its producer", producerId=pid, producerEpoch=epoch + 1)
        ask("by a producer of the past", producerId=pid, producerEpoch=epoch)
        ask("by another producer", producerId=pid + 12345, producerEpoch=0)
        ask("an epoch without an id", producerEpoch=0)


@scenario("AddPartitionsToTxn")
def add_partitions(t):
    name, _ = t.topic(partitions=2)
    pid, epoch = init(t)
    tid = t.name("x")
    if t.version >= 4:
        t.ask(add_many(tid, pid, epoch, [(name, [0])], verify=True), "verify before")
        t.ask(add_many(tid, pid, epoch, [(name, [0])]), "add")
        t.ask(add_many(tid, pid, epoch, [(name, [0, 1])], verify=True), "verify after")
        t.ask(add_many(tid, pid, epoch + 1, [(name, [1])]), "epoch of the future")
        t.ask(add_many(tid, pid + 12345, epoch, [(name, [1])]), "another producer")
        t.ask(add_many(t.name("no"), pid, epoch, [(name, [1])]), "unknown id")
        t.ask(add_many(tid, pid, epoch, [(name, [1, 7])]), "one unknown partition")
        both = add_many(tid, pid, epoch, [(name, [1])])
        both["transactions"] += add_many(t.name("no"), 1, 0, [(name, [1])])["transactions"]
        t.ask(both, "two transactions")
        return
    t.ask(add_one(tid, pid, epoch, [(name, [0])]), "add")
    t.ask(add_one(tid, pid, epoch, [(name, [0, 1])]), "add again")
    t.ask(add_one(tid, pid, epoch + 1, [(name, [0])]), "epoch of the future")
    t.ask(add_one(tid, pid + 12345, epoch, [(name, [0])]), "another producer")
    t.ask(add_one(t.name("no"), pid, epoch, [(name, [0])]), "unknown id")
    t.ask(add_one("", pid, epoch, [(name, [0])]), "empty id")
    t.ask(add_one(tid, pid, epoch, [(name, [0, 7]), (t.name("none"), [0])]), "unknown partitions")


@scenario("AddOffsetsToTxn")
def add_offsets(t):
    pid, epoch = init(t)
    tid, group = t.name("x"), t.name("g")

    def ask(label, **more):
        t.ask({"transactionalId": tid, "producerId": pid, "producerEpoch": epoch,
               "groupId": group, **more}, label)

    ask("add")
    ask("epoch of the future", producerEpoch=epoch + 1)
    ask("another producer", producerId=pid + 12345)
    ask("unknown id", transactionalId=t.name("no"))
    ask("empty group", groupId="")
    again, _ = init(t)
    ask("epoch of the past", producerId=again)


@scenario("EndTxn")
def end_transaction(t):
    name, _ = t.topic()
    tid = t.name("x")
    pid, epoch = init(t)
    second = t.version >= 5
    t.ask(end(tid, pid, epoch, True), "commit of nothing")
    add(t, tid, pid, epoch, name, second)
    t.ask(end(tid, pid, epoch + 1, True), "epoch of the future")
    t.ask(end(tid, pid + 12345, epoch, True), "another producer")
    t.ask(end(t.name("no"), pid, epoch, True), "unknown id")
    t.ask(end(tid, pid, epoch, True), "commit")
    settle(t, tid)
    t.ask(end(tid, pid, epoch, True), "commit again")
    t.ask(end(tid, pid, epoch, False), "abort what was committed")
    if second:
        epoch += 1
    add(t, tid, pid, epoch, name, second)
    t.ask(end(tid, pid, epoch, False), "abort")
    settle(t, tid)
    t.ask(end(tid, pid, epoch, False), "abort again")
    t.ask(end(tid, pid, epoch, True), "commit what was aborted")
    if second:
        t.ask(end(tid, pid, epoch + 1, False), "abort of nothing")


def offsets(t, group, tid, pid, epoch, name, offset=5, **more):
    return {"transactionalId": tid, "groupId": group, "producerId": pid, "producerEpoch": epoch,
            "generationId": -1, "memberId": "", "groupInstanceId": None, "topics": [
                {"name": name, "partitions": [
                    {"partitionIndex": 0, "committedOffset": offset, "committedLeaderEpoch": -1,
                     "committedMetadata": "m"}]}], **more}


@scenario("TxnOffsetCommit")
def txn_offset_commit(t):
    name, _ = t.topic()
    pid, epoch = init(t)
    tid, group = t.name("x"), t.name("g")
    if t.version < 5:
        t.ask(offsets(t, group, tid, pid, epoch, name), "not added")
        t.ask({"transactionalId": tid, "producerId": pid, "producerEpoch": epoch,
               "groupId": group}, api="AddOffsetsToTxn", version=3)
    t.ask(offsets(t, group, tid, pid, epoch, name), "commit")
    t.ask({"groups": [{"groupId": group, "memberId": None, "memberEpoch": -1, "topics": [
        {"name": name, "partitionIndexes": [0]}]}], "requireStable": True}, "unstable",
        api="OffsetFetch", version=9)
    t.ask({"groups": [{"groupId": group, "memberId": None, "memberEpoch": -1, "topics": [
        {"name": name, "partitionIndexes": [0]}]}], "requireStable": False}, "not yet committed",
        api="OffsetFetch", version=9)
    t.ask(offsets(t, group, tid, pid, epoch, t.name("none")), "unknown topic")
    t.ask(offsets(t, group, tid, pid, epoch + 1, name), "epoch of the future")
    t.ask(offsets(t, group, tid, pid + 12345, epoch, name), "another producer")
    t.ask(offsets(t, group, t.name("no"), pid, epoch, name), "unknown id")
    t.ask(offsets(t, "", tid, pid, epoch, name), "empty group")
    long = offsets(t, group, tid, pid, epoch, name)
    long["topics"][0]["partitions"][0]["committedMetadata"] = "m" * 5000
    t.ask(long, "long metadata")
    if t.version >= 3:
        t.ask(offsets(t, group, tid, pid, epoch, name, memberId="nobody", generationId=1),
              "unknown member")
        member, generation = t.join(t.name("s"))
        if t.version < 5:
            t.ask({"transactionalId": tid, "producerId": pid, "producerEpoch": epoch,
                   "groupId": t.name("s")}, api="AddOffsetsToTxn", version=3)
        t.ask(offsets(t, t.name("s"), tid, pid, epoch, name, memberId=member,
                      generationId=generation), "by a member")
        t.ask(offsets(t, t.name("s"), tid, pid, epoch, name, memberId=member,
                      generationId=generation + 3), "wrong generation")
        t.ask(offsets(t, t.name("s"), tid, pid, epoch, name, memberId="nobody",
                      generationId=generation), "unknown member, group in use")


@scenario("WriteTxnMarkers")
def write_markers(t):
    name, topic_id = t.topic()
    init(t)
    pid, epoch = init(t)  # the second has an epoch behind it
    tid = t.name("x")
    add(t, tid, pid, epoch, name)
    send(t, name, topic_id, tid, pid, epoch, 0)

    def ask(label, partition=0, topic=name, **more):
        t.ask({"markers": [{"producerId": pid, "producerEpoch": epoch, "transactionResult": False,
                            "coordinatorEpoch": 0, "transactionVersion": 0, "topics": [
                                {"name": topic, "partitionIndexes": [partition]}], **more}]}, label)

    ask("unknown partition", partition=7)
    ask("unknown topic", topic=t.name("none"))
    ask("epoch of the past", producerEpoch=epoch - 1)
    ask("abort", coordinatorEpoch=3)
    t.ask(fetch(name, topic_id, isolationLevel=1), "read committed", api="Fetch", version=12)
    ask("an older coordinator", coordinatorEpoch=2)
    ask("nobody's", producerId=pid + 12345)
    t.ask({"markers": []}, "no markers")


@scenario("DescribeProducers")
def describe_producers(t):
    name, topic_id = t.topic()
    pid, epoch = init(t)
    tid = t.name("x")
    add(t, tid, pid, epoch, name)
    body = {"topics": [{"name": name, "partitionIndexes": [0, 7]},
                       {"name": t.name("none"), "partitionIndexes": [0]}]}
    t.ask(body, "before")
    send(t, name, topic_id, tid, pid, epoch, 0)
    t.ask(body, "open")
    t.ask(end(tid, pid, epoch, True), api="EndTxn", version=3)
    settle(t, tid)
    t.ask({"topics": [{"name": name, "partitionIndexes": [0]}]}, "ended")


@scenario("DescribeTransactions")
def describe_transactions(t):
    name, _ = t.topic()
    pid, epoch = init(t)
    tid = t.name("x")
    t.ask({"transactionalIds": [tid, t.name("none")]}, "empty, unknown")
    add(t, tid, pid, epoch, name)
    t.ask({"transactionalIds": [tid]}, "open")
    t.ask(end(tid, pid, epoch, True), api="EndTxn", version=3)
    settle(t, tid)
    t.ask({"transactionalIds": [tid]}, "ended")
    t.ask({"transactionalIds": []}, "none")
    t.ask({"transactionalIds": [""]}, "empty id")


@scenario("ListTransactions")
def list_transactions(t):
    name, _ = t.topic()
    pid, epoch = init(t)
    add(t, t.name("x"), pid, epoch, name)

    def ask(label, **more):
        t.ask({"stateFilters": [], "producerIdFilters": [pid], **more}, label)

    ask("by producer")
    ask("by state", stateFilters=["Ongoing"])
    ask("by another state", stateFilters=["CompleteAbort"])
    ask("by an unknown state", stateFilters=["Ongoing", "Nonsense"])
    if t.version >= 1:
        ask("open for long", durationFilter=10 ** 8)
        ask("open for no time", durationFilter=0)
    if t.version >= 2:
        ask("by pattern", transactionalIdPattern=t.name("") + ".")
        ask("by another pattern", transactionalIdPattern="nothing.*")
        ask("by a bad pattern", transactionalIdPattern="(")


@scenario("Produce")
def produce_transactional(t):
    if t.version < 3:
        return
    name, topic_id = t.topic(partitions=2)
    other = t.topic("other")[0]
    pid, epoch = init(t)
    tid = t.name("x")

    def ask(label, seq=0, epoch=epoch, partition=0, tid=tid, pid=pid):
        t.ask(produce(name, topic_id, transactional(pid, epoch, seq), partition,
                      transactional=tid), label)

    ask("without a transactional id", tid=None)
    if t.version < 12:
        ask("not registered")
        add(t, tid, pid, epoch, other)
        ask("another partition is registered")
        add(t, tid, pid, epoch, name)
    ask("registered")
    ask("the next", seq=1)
    ask("again", seq=1)
    ask("out of order", seq=7)
    ask("epoch of the future", epoch=epoch + 1, partition=1)
    ask("unknown id", tid=t.name("no"), partition=1)
    ask("another producer", pid=pid + 12345, partition=1)
    t.ask(produce(name, topic_id, batch(pid=pid, epoch=epoch, seq=2)),
          "not transactional, inside the transaction")
    t.ask(end(tid, pid, epoch, False), api="EndTxn", version=5 if t.version >= 12 else 3)
    settle(t, tid)
    ask("after the end", seq=2)


@scenario("Fetch")
def fetch_committed(t):
    name, topic_id = t.topic()
    pid, epoch = init(t)
    tid = t.name("x")
    add(t, tid, pid, epoch, name)
    send(t, name, topic_id, tid, pid, epoch, 0)
    t.ask(fetch(name, topic_id, isolationLevel=1), "committed, open")
    t.ask(fetch(name, topic_id), "uncommitted, open")
    t.ask(end(tid, pid, epoch, False), api="EndTxn", version=3)
    settle(t, tid)
    t.ask(fetch(name, topic_id, isolationLevel=1), "committed, aborted")
    t.ask(fetch(name, topic_id), "uncommitted, aborted")
    t.ask(fetch(name, topic_id, offset=1, isolationLevel=1), "committed, from the marker")


@scenario("ListOffsets")
def offsets_of_open_transactions(t):
    name, topic_id = t.topic()
    pid, epoch = init(t)
    tid = t.name("x")
    t.produce(name, batch())
    add(t, tid, pid, epoch, name)
    send(t, name, topic_id, tid, pid, epoch, 0)
    for level in (0, 1) if t.version >= 2 else (0,):
        for at in (-1, -2, 0):
            t.ask({"replicaId": -1, "isolationLevel": level, "topics": [
                {"name": name, "partitions": [{"partitionIndex": 0, "currentLeaderEpoch": -1,
                                               "timestamp": at}]}], "timeoutMs": 1000},
                  f"isolation {level}, timestamp {at}")


@scenario("FindCoordinator")
def coordinator_of_transactions(t):
    if t.version == 0:
        return
    init(t)
    key = t.name("x")
    t.ask({"key": key, "keyType": 1} if t.version < 4 else
          {"keyType": 1, "coordinatorKeys": [key, t.name("y")]}, "transactional ids")
