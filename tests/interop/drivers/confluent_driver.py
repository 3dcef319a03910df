"""Driver over confluent-kafka, which carries its own librdkafka (verbs: harness/driver.py)."""
import signal
import threading
import time

import common
import confluent_kafka as ck
import confluent_transactions as transactions
from confluent_kafka.admin import AdminClient, NewTopic


def roundtrip(o):
    records = list(common.records(o["records"]))
    admin = AdminClient({"bootstrap.servers": o["bootstrap"]})
    for codec in o["codecs"].split(","):
        topic = f"{o['prefix']}-{codec}"
        for future in admin.create_topics([NewTopic(topic, 3, 1)]).values():
            future.result(60)
        common.emit(created=topic)
        producer = ck.Producer({"bootstrap.servers": o["bootstrap"], "linger.ms": 20,
                                "compression.type": codec, "enable.idempotence": True})
        errors = []
        for r in records:
            producer.produce(topic, value=r["v"], key=r["k"], partition=r["p"],
                             timestamp=r["t"], headers=r["h"],
                             on_delivery=lambda e, _: errors.append(e) if e else None)
            producer.poll(0)
        if producer.flush(60) or errors:
            raise SystemExit(f"{codec}: not delivered: {errors[:3]}")
        read(o["bootstrap"], topic, codec, len(records))
        common.emit(read=codec)


def read(bootstrap, topic, codec, left):
    consumer = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": "unused",
                            "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    consumer.assign([ck.TopicPartition(topic, p, ck.OFFSET_BEGINNING) for p in range(3)])
    while left > 0:
        m = consumer.poll(5)
        if m is None:
            continue
        if m.error():
            raise ck.KafkaException(m.error())
        common.emit_record(codec, m.partition(), m.offset(), m.timestamp()[1], m.key(),
                           m.value(), m.headers())
        left -= 1
    consumer.close()


def member(o):
    consumer = ck.Consumer({
        "bootstrap.servers": o["bootstrap"], "group.id": o["group"], "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 1000,
        "partition.assignment.strategy": o.get("assignor", "range")})

    def assigned(_, partitions):
        common.emit(assigned=sorted(tp.partition for tp in partitions))

    consumer.subscribe([o["topic"]], on_assign=assigned)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not stopping.is_set():
        batch = [m for m in consumer.consume(200, 0.2) if not m.error()]
        ends = {}
        for m in batch:
            common.emit(p=m.partition(), o=m.offset(), v=m.value().decode())
            ends[m.partition()] = m.offset() + 1
        if ends:
            try:
                consumer.commit(offsets=[ck.TopicPartition(o["topic"], p, end)
                                         for p, end in ends.items()], asynchronous=False)
                common.emit(committed={str(p): end for p, end in ends.items()})
            except ck.KafkaException:
                pass  # the group moved on; whoever owns the partitions now reads them again
    consumer.close()


def committed(o):
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": o["group"]})
    known = consumer.list_topics(o["topic"], 30).topics[o["topic"]].partitions
    got = consumer.committed([ck.TopicPartition(o["topic"], p) for p in known], 60)
    common.emit(committed={str(tp.partition): tp.offset for tp in got if tp.offset >= 0})
    consumer.close()


def stream(o):
    producer = ck.Producer({
        "bootstrap.servers": o["bootstrap"], "enable.idempotence": True, "linger.ms": 1,
        "batch.num.messages": 40, "max.in.flight": int(o["window"]),
        "reconnect.backoff.max.ms": 500, "message.timeout.ms": 300000})
    closed = common.input_closed()
    state = {"acked": 0, "errors": []}

    def delivered(error, _):
        if error:
            state["errors"].append(error)
            return
        state["acked"] += 1
        if state["acked"] % 100 == 0:
            common.emit(acked=state["acked"])

    sent = 0
    while not closed.is_set() and not state["errors"]:
        producer.poll(0)
        if sent - state["acked"] > int(o["window"]) * 80 or sent % 20 == 0:
            producer.poll(0.002)
        if sent - state["acked"] > int(o["window"]) * 80:
            continue
        producer.produce(o["topic"], value=b"%d" % sent, partition=0, on_delivery=delivered)
        sent += 1
    producer.flush(300)
    if state["errors"]:
        raise SystemExit(f"not delivered: {state['errors'][:3]}")
    common.emit(done=state["acked"])


def fill(o):
    """For the harness: values base … base+count-1 into every partition, made first if asked."""
    if "create" in o:
        admin = AdminClient({"bootstrap.servers": o["bootstrap"]})
        config = {"segment.bytes": o["segment"]} if "segment" in o else {}
        topic = NewTopic(o["topic"], int(o["partitions"]), 1, config=config)
        for future in admin.create_topics([topic]).values():
            future.result(60)
    producer = ck.Producer({"bootstrap.servers": o["bootstrap"], "linger.ms": 5,
                            "batch.num.messages": 50, "enable.idempotence": "idempotent" in o})
    base, size = int(o["base"]), int(o.get("values", 1))
    at = int((time.time() - float(o.get("age", 0))) * 1000)
    for p in range(int(o["partitions"])):
        for n in range(base, base + int(o["count"])):
            producer.produce(o["topic"], value=b"%d" % n * size, partition=p, timestamp=at)
            producer.poll(0)
    if producer.flush(60):
        raise SystemExit("fill: not delivered")


def values(o):
    """For the harness: all values of partition 0 in order, a thousand a line."""
    consumer = ck.Consumer({"bootstrap.servers": o["bootstrap"], "group.id": "unused",
                            "enable.auto.commit": False, "auto.offset.reset": "earliest"})
    at = ck.TopicPartition(o["topic"], int(o.get("partition", 0)), ck.OFFSET_BEGINNING)
    _, end = consumer.get_watermark_offsets(at, 60)
    consumer.assign([at])
    left = end
    while left > 0:
        batch = [m for m in consumer.consume(1000, 1) if not m.error()]
        common.emit(values=[m.value().decode(errors="replace")[:40] for m in batch],
                    offsets=[m.offset() for m in batch])
        left = end - batch[-1].offset() - 1 if batch else left
    consumer.close()


if __name__ == "__main__":
    verb, options = common.arguments()
    {"roundtrip": roundtrip, "member": member, "committed": committed, "stream": stream,
     "fill": fill, "values": values, "transact": transactions.transact,
     "isolated": transactions.isolated, "copy": transactions.copy,
     "fence": transactions.fence, "hang": transactions.hang}[verb](options)
