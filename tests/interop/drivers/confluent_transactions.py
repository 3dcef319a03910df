"""The transactional verbs of the driver over confluent-kafka (harness/driver.py)."""
import common
import confluent_kafka as ck

PARTITIONS = 3


def producer(o, **more):
    made = ck.Producer({"bootstrap.servers": o["bootstrap"], "transactional.id": o["id"],
                        "transaction.timeout.ms": int(o.get("timeout", 60000)), "linger.ms": 1,
                        **more})
    made.init_transactions(60)
    return made


def transact(o):
    made = producer(o)
    for n in range(int(o["count"])):
        made.begin_transaction()
        for p in range(PARTITIONS):
            made.produce(o["topic"], b"%d" % n, partition=p)
        if n % 3 == 0:
            made.flush(60)
            made.abort_transaction(60)
        else:
            made.commit_transaction(60)
    common.emit(ended=int(o["count"]))


def isolated(o):
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": "unused",
                            "enable.auto.commit": False, "isolation.level": o["level"],
                            "auto.offset.reset": "earliest", "enable.partition.eof": True})
    consumer.assign([ck.TopicPartition(o["topic"], p, ck.OFFSET_BEGINNING)
                     for p in range(PARTITIONS)])
    ended, values = set(), []
    while len(ended) < PARTITIONS:
        m = consumer.poll(5)
        if m is None:
            continue
        if not m.error():
            values.append(m.value().decode())
        elif m.error().code() == ck.KafkaError._PARTITION_EOF:
            ended.add(m.partition())
        else:
            raise ck.KafkaException(m.error())
    consumer.close()
    common.emit(values=values)


def copy(o):
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": o["group"],
                            "enable.auto.commit": False, "isolation.level": "read_committed",
                            "auto.offset.reset": "earliest"})
    consumer.subscribe([o["source"]])
    made = producer(o)
    copied = 0
    while copied < int(o["count"]):
        batch = [m for m in consumer.consume(50, 1) if not m.error()]
        if not batch:
            continue
        made.begin_transaction()
        for m in batch:
            made.produce(o["topic"], m.value(), partition=m.partition())
        made.send_offsets_to_transaction(consumer.position(consumer.assignment()),
                                         consumer.consumer_group_metadata(), 60)
        made.commit_transaction(60)
        copied += len(batch)
    consumer.close()
    common.emit(copied=copied)


def hang(o):
    """For the harness: leaves a transaction open until it is killed; {"open": topic}."""
    made = producer(o, **{"transaction.timeout.ms": 600000})
    made.begin_transaction()
    made.produce(o["topic"], b"hanging", partition=0)
    made.flush(60)
    common.emit(open=o["topic"])
    common.input_closed().wait()


def fence(o):
    old = producer(o)
    old.begin_transaction()
    old.produce(o["topic"], b"zombie", partition=0)
    old.flush(60)
    fresh = producer(o)
    fresh.begin_transaction()
    fresh.produce(o["topic"], b"alive", partition=0)
    fresh.commit_transaction(60)
    try:
        old.commit_transaction(60)
    except ck.KafkaException as e:
        common.emit(fenced=e.args[0].name())
    else:
        common.emit(fenced=None)
