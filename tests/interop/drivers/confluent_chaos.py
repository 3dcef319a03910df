"""The verbs of the chaos suite over confluent-kafka (tests/crash/chaos.py)."""
import os
import random
import sys
import threading
import time

import common
import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

FENCED = {ck.KafkaError._FENCED, ck.KafkaError.PRODUCER_FENCED,
          ck.KafkaError.INVALID_PRODUCER_EPOCH}
# Without brokers librdkafka 2.16 starts over by default, and send_offsets_to_transaction then waits
# for ever for a coordinator that it has let go (its issues 5511 and 5456).
STEADY = {"metadata.recovery.strategy": "none", "reconnect.backoff.max.ms": 500}
OUT = threading.Lock()


def say(**fields):
    with OUT:
        common.emit(**fields)


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def producer(o, transactional_id):
    return ck.Producer({"bootstrap.servers": o["bootstrap"], "transactional.id": transactional_id,
                        "transaction.timeout.ms": int(o["timeout"]), "linger.ms": 1,
                        "log_level": 0, **STEADY})


def persist(call, closed):
    """Repeats what may be repeated; after our input has closed for two more minutes only."""
    end = None
    while True:
        try:
            return call(10)
        except ck.KafkaException as e:
            if closed.is_set():
                end = end or time.monotonic() + 120
            if not e.args[0].retriable() or (end and time.monotonic() > end):
                raise


def transaction(made, o, label, dice, closed):
    count = dice.randrange(1, 9)
    made.begin_transaction()
    for n in range(count):
        made.produce(o["topic"], f"{label} {n} {count}".encode(),
                     partition=dice.randrange(int(o["partitions"])))
        made.poll(0)
    if dice.random() < 0.2:
        persist(made.abort_transaction, closed)
        say(aborted=label)
    else:
        say(trying=label)
        persist(made.commit_transaction, closed)
        say(committed=label)


def churn_one(o, transactional_id, closed):
    dice, nonce, serial = random.Random(), os.urandom(4).hex(), 0
    while not closed.is_set():
        made = producer(o, transactional_id)
        label = None
        try:
            persist(made.init_transactions, closed)
            while not closed.is_set():
                serial += 1
                label = f"{transactional_id}-{nonce}-{serial}"
                try:
                    transaction(made, o, label, dice, closed)
                except ck.KafkaException as e:
                    if not e.args[0].txn_requires_abort():
                        raise
                    note("aborting", label, e)
                    persist(made.abort_transaction, closed)
                    say(aborted=label)
                time.sleep(dice.random() * 0.01)
        except ck.KafkaException as e:
            note("a new producer after", label, e)
            if e.args[0].code() in FENCED:
                return say(fenced=transactional_id)


def churn(o):
    closed = common.input_closed()
    threads = [threading.Thread(target=churn_one, args=(o, each, closed))
               for each in o["ids"].split(",")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def relay_batch(consumer, made, o, closed):
    """Copies what a poll gives; the number of records."""
    batch = consumer.consume(50, 0.2)
    for m in batch:
        if m.error():
            raise ck.KafkaException(m.error())
    if not batch:
        return 0
    made.begin_transaction()
    for m in batch:
        made.produce(o["topic"], m.value(), partition=m.partition())
    persist(lambda timeout: made.send_offsets_to_transaction(
        consumer.position(consumer.assignment()), consumer.consumer_group_metadata(), timeout),
        closed)
    persist(made.commit_transaction, closed)
    return len(batch)


def relay_life(o, closed):
    """Until something fails: what is behind it is then read again from the committed offsets."""
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": o["group"],
                            "group.instance.id": o["id"], "enable.auto.commit": False,
                            "isolation.level": "read_committed", "log_level": 0,
                            "auto.offset.reset": "earliest", "session.timeout.ms": 10000,
                            "fetch.wait.max.ms": 100, **STEADY})
    made = producer(o, o["id"])
    try:
        persist(made.init_transactions, closed)
        consumer.subscribe([o["source"]])
        while not closed.is_set():
            copied = relay_batch(consumer, made, o, closed)
            if copied:
                say(copied=copied)
    except ck.KafkaException as e:
        note("a new relay after", e)
        if e.args[0].txn_requires_abort():
            try:
                persist(made.abort_transaction, closed)
            except ck.KafkaException as again:
                note("cannot abort:", again)
    finally:
        consumer.close()


def relay(o):
    closed = common.input_closed()
    while not closed.is_set():
        relay_life(o, closed)


def follow(o):
    """What a read_committed consumer of several topics sees, up to where they end once our input
    has closed: {"topic": …, "p": …, "values": […], "offsets": […]} as it goes."""
    closed = common.input_closed()
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": "unused",
                            "enable.auto.commit": False, "isolation.level": "read_committed",
                            "auto.offset.reset": "earliest", "enable.partition.eof": True,
                            "log_level": 0, **STEADY})
    places = [(t, p) for t in o["topics"].split(",") for p in range(int(o["partitions"]))]
    consumer.assign([ck.TopicPartition(t, p, ck.OFFSET_BEGINNING) for t, p in places])
    at, ends = dict.fromkeys(places, 0), None
    while ends is None or any(at[place] < ends[place] for place in places):
        if ends is None and closed.is_set():
            ends = latest(o, places, ck.IsolationLevel.READ_COMMITTED)
        found = {}
        for m in consumer.consume(500, 0.2):
            place = (m.topic(), m.partition())
            if not m.error():
                values, offsets = found.setdefault(place, ([], []))
                values.append(m.value().decode())
                offsets.append(m.offset())
                at[place] = m.offset() + 1
            elif m.error().code() == ck.KafkaError._PARTITION_EOF:
                at[place] = max(at[place], m.offset())
            elif not m.error().retriable() and m.error().code() != ck.KafkaError._ALL_BROKERS_DOWN:
                raise ck.KafkaException(m.error())
        for (topic, p), (values, offsets) in found.items():
            say(topic=topic, p=p, values=values, offsets=offsets)
    consumer.close()


def latest(o, places, level):
    admin = AdminClient({"bootstrap.servers": o["bootstrap"], "log_level": 0})
    futures = admin.list_offsets({ck.TopicPartition(t, p): OffsetSpec.latest() for t, p in places},
                                 isolation_level=level, request_timeout=30)
    return {(tp.topic, tp.partition): f.result(60).offset for tp, f in futures.items()}


def settled(o):
    """Waits until no transaction is open: every last stable offset is at the log's end."""
    places = [(t, p) for t in o["topics"].split(",") for p in range(int(o["partitions"]))]
    end = time.monotonic() + float(o["within"])
    while True:
        # In this order: a transaction that begins between the two is none that hangs.
        ends = latest(o, places, ck.IsolationLevel.READ_UNCOMMITTED)
        stable = latest(o, places, ck.IsolationLevel.READ_COMMITTED)
        open_ = {f"{t}-{p}": f"{stable[t, p]} of {ends[t, p]}" for t, p in places
                 if stable[t, p] < ends[t, p]}
        if not open_:
            return common.emit(settled=True)
        if time.monotonic() > end:
            raise SystemExit(f"last stable offsets after {o['within']} s: {open_}")
        time.sleep(0.2)


def make(o):
    admin = AdminClient({"bootstrap.servers": o["bootstrap"]})
    wanted = [NewTopic(t, int(o["partitions"]), 1, config={"segment.bytes": o["segment"]})
              for t in o["topics"].split(",")]
    for future in admin.create_topics(wanted).values():
        future.result(60)


VERBS = {"churn": churn, "relay": relay, "follow": follow, "settled": settled, "make": make}

if __name__ == "__main__":
    verb, options = common.arguments()
    VERBS[verb](options)
