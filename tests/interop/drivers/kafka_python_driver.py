"""Driver over kafka-python (verbs and output: harness/driver.py)."""
import signal
import threading

import common
import kafka
from kafka.admin import KafkaAdminClient, NewTopic

CODECS = {"none": None}


def roundtrip(o):
    records = list(common.records(o["records"]))
    admin = KafkaAdminClient(bootstrap_servers=o["bootstrap"])
    for codec in o["codecs"].split(","):
        topic = f"{o['prefix']}-{codec}"
        admin.create_topics([NewTopic(topic, 3, 1)])
        common.emit(created=topic)
        producer = kafka.KafkaProducer(bootstrap_servers=o["bootstrap"], linger_ms=20,
                                       compression_type=CODECS.get(codec, codec))
        sent = [producer.send(topic, r["v"], key=r["k"], headers=r["h"], partition=r["p"],
                              timestamp_ms=r["t"]) for r in records]
        producer.flush()
        for s in sent:
            s.get(60)
        producer.close()
        consumer = kafka.KafkaConsumer(bootstrap_servers=o["bootstrap"],
                                       enable_auto_commit=False, auto_offset_reset="earliest")
        consumer.assign([kafka.TopicPartition(topic, p) for p in range(3)])
        left = len(records)
        while left > 0:
            for batch in consumer.poll(1000).values():
                for m in batch:
                    common.emit_record(codec, m.partition, m.offset, m.timestamp, m.key, m.value,
                                       m.headers)
                    left -= 1
        consumer.close()
        common.emit(read=codec)
    admin.close()


class Assignments(kafka.ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        common.emit(assigned=sorted(tp.partition for tp in assigned))


def member(o):
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=o["bootstrap"], group_id=o["group"], enable_auto_commit=False,
        auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=1000)
    consumer.subscribe([o["topic"]], listener=Assignments())
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not stopping.is_set():
        polled = consumer.poll(200)
        ends = {}
        for tp, batch in polled.items():
            for m in batch:
                common.emit(p=m.partition, o=m.offset, v=m.value.decode())
            ends[tp] = batch[-1].offset + 1
        if ends:
            try:
                consumer.commit()
                common.emit(committed={str(tp.partition): end for tp, end in ends.items()})
            except kafka.errors.CommitFailedError:
                pass  # the group moved on; whoever owns the partitions now reads them again
    consumer.close(autocommit=False)


def committed(o):
    consumer = kafka.KafkaConsumer(bootstrap_servers=o["bootstrap"], group_id=o["group"],
                                   enable_auto_commit=False)
    found = {}
    for p in sorted(consumer.partitions_for_topic(o["topic"])):
        offset = consumer.committed(kafka.TopicPartition(o["topic"], p))
        if offset is not None:
            found[str(p)] = offset
    common.emit(committed=found)
    consumer.close(autocommit=False)


def stream(o):
    producer = kafka.KafkaProducer(
        bootstrap_servers=o["bootstrap"], batch_size=2000, delivery_timeout_ms=300000,
        enable_idempotence=True, reconnect_backoff_max_ms=500, request_timeout_ms=10000,
        max_in_flight_requests_per_connection=int(o["window"]))
    closed = common.input_closed()
    window = threading.Semaphore(int(o["window"]) * 40)
    state = {"acked": 0, "error": None}

    def acked(_):
        state["acked"] += 1
        window.release()
        if state["acked"] % 100 == 0:
            common.emit(acked=state["acked"])

    def failed(error):
        state["error"] = error
        window.release()

    sent = 0
    while not closed.wait(0.0005 if sent % 10 == 0 else 0) and state["error"] is None:
        window.acquire()
        future = producer.send(o["topic"], b"%d" % sent, partition=0)
        future.add_callback(acked)
        future.add_errback(failed)
        sent += 1
    producer.flush()
    if state["error"] is not None:
        raise state["error"]
    producer.close()
    common.emit(done=state["acked"])


if __name__ == "__main__":
    verb, options = common.arguments()
    {"roundtrip": roundtrip, "member": member, "committed": committed, "stream": stream}[verb](
        options)
