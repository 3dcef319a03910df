#!/usr/bin/env python3
"""A task worker in Python, on the stock client (confluent-kafka), by tools/TASKS.md.

  task_worker.py BOOTSTRAP GROUP TOPIC

One task at a time. It shares its group with workers in other languages. Replace work() by yours.
Ends on SIGTERM or SIGINT, between two tasks. To stay short it takes one task after the other, and
does not look at horolog-backoff, -timeout, -expires, -priority and -lane.
"""
import base64
import json
import random
import signal
import socket
import sys
import time
import uuid

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic

NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
MAX_ATTEMPTS, BACKOFF_MS, MAX_BACKOFF_MS = 3, 200, 1_000
COPIED = ("horolog-max-attempts", "horolog-backoff", "horolog-timeout", "horolog-priority",
          "horolog-lane")
FOREIGN = ("scheduler-epoch", "scheduler-target-topic", "scheduler-target-key",
           "schedule_target_epoch", "schedule_target_topic", "schedule_target_key",
           "schedule_target_partition")
NAME = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"


class Dead(Exception):
    """Trying the task again would not help."""


def work(message, attempt):
    """The task itself: returns when it is done, raises when it failed."""
    word, _, number = message.value().decode().partition(" ")
    if word == "dead":
        raise Dead("as it was told")
    if word in ("fail", "throw") or (word == "until" and attempt < int(number)):
        raise RuntimeError("as it was told")
    if word == "slow":
        time.sleep(int(number) / 1000)


def murmur2(data):
    """Java's: the sign bit is cleared, as its partitioner does it."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    for i in range(0, len(data) - 3, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[len(data) & ~3:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7fffffff


def read_over(offset, metadata):
    """The offsets above the committed one that are over already (src/worker/FORMAT.md)."""
    if not metadata or not metadata.startswith("h1"):
        return set()
    data = base64.urlsafe_b64decode(metadata[4:] + "=" * (-len(metadata[4:]) % 4))
    if metadata.startswith("h1b:"):
        return {offset + 1 + i for i in range(8 * len(data)) if data[i // 8] >> i % 8 & 1}
    if not metadata.startswith("h1r:"):
        sys.exit(f"metadata of a later version: {metadata[:40]}")
    over, lengths, value, shift = set(), [], 0, 0
    for byte in data:
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            lengths.append(value)
            value = shift = 0
    for n, length in enumerate(lengths):
        if n % 2:
            over.update(range(offset, offset + length))
        offset += length
    return over


def write_over(offset, over):
    """The metadata for `offset`: what is over above it, as a bitmap."""
    data = bytearray()
    for i in (o - offset - 1 for o in over if o > offset):
        data.extend(bytes(max(0, i // 8 + 1 - len(data))))
        data[i // 8] |= 1 << i % 8
    return "h1b:" + base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=") if data else ""


class Task:
    """A record and what its headers say."""

    def __init__(self, message):
        self.message = message
        self.headers = [(k, v) for k, v in message.headers() or []]
        ours = {k: v.decode(errors="replace") for k, v in self.headers
                if v is not None and k.startswith("horolog-")}
        self.ours, self.fault = ours, ""
        place = f"{message.topic()}\0{message.partition()}\0{message.offset()}"
        self.fire_id = ours.get("horolog-fire-id") or str(uuid.uuid5(NAMESPACE, place))
        self.attempt = self.number("horolog-attempt", 1)
        self.max_attempts = self.number("horolog-max-attempts", MAX_ATTEMPTS)
        schedule = ours.get("horolog-schedule", "")
        self.schedule = None if schedule.startswith("retry:") else schedule or None

    def number(self, name, fallback):
        text = self.ours.get(name)
        if text is None:
            return fallback
        if text.isdecimal() and int(text) > 0:
            return int(text)
        self.fault = self.fault or f"{name}: '{text}' is not a whole number from 1 on"
        return fallback

    def run_record(self, event, began, reason):
        now = int(time.time() * 1000)
        record = {"event": event, "fire_id": self.fire_id, "attempt": self.attempt, "at_ms": now,
                  "target": self.message.topic(), "partition": self.message.partition(),
                  "offset": self.message.offset(), "produced_ms": self.message.timestamp()[1],
                  "worker": NAME}
        if began is not None:
            record.update(started_ms=began, duration_us=(now - began) * 1000)
        if self.schedule:
            record.update(schedule=self.schedule, generation=int(self.ours["horolog-generation"]),
                          nominal_ms=int(self.ours["horolog-nominal-time"]))
        if reason:
            record["reason"] = reason
        return json.dumps(record)

    def retry(self):
        """Key, value and headers of the command that fires the task again."""
        delay = min(BACKOFF_MS * 2 ** (self.attempt - 1), MAX_BACKOFF_MS) * random.uniform(0.8, 1.2)
        attempt = self.attempt + 1
        headers = [(k, v) for k, v in self.headers
                   if k in COPIED or not k.startswith("horolog-") and k not in FOREIGN]
        headers += [("horolog-topic", self.message.topic()),
                    ("horolog-partition", str(self.message.partition())),
                    ("horolog-delay", f"{max(1, int(delay))}ms"),
                    ("horolog-fire-id", self.fire_id), ("horolog-attempt", str(attempt))]
        if self.message.key() is not None:
            headers.append(("horolog-key", self.message.key()))
        if self.schedule:
            headers += [(k, self.ours[k]) for k in
                        ("horolog-schedule", "horolog-generation", "horolog-nominal-time")]
        return f"retry:{self.fire_id}:{attempt}", self.message.value() or b"", headers

    def letter_headers(self, reason):
        own = ("horolog-fire-id", "horolog-attempt")
        return [(k, v) for k, v in self.headers if k not in own] + [
            ("horolog-fire-id", self.fire_id), ("horolog-attempt", str(self.attempt)),
            ("horolog-dead-cause", reason), ("horolog-dead-at", str(int(time.time() * 1000))),
            ("horolog-dead-topic", self.message.topic()),
            ("horolog-dead-partition", str(self.message.partition())),
            ("horolog-dead-offset", str(self.message.offset())), ("horolog-dead-worker", NAME)]


class Controls:
    """What `horolog.tasks` says must not start."""

    TOPIC = "horolog.tasks"

    def __init__(self, common):
        self.values = {}
        admin = AdminClient(common)
        if not admin.list_topics(timeout=30).topics.get(self.TOPIC):
            made = admin.create_topics([NewTopic(self.TOPIC, 1, -1,
                                                 config={"cleanup.policy": "compact"})])
            try:
                made[self.TOPIC].result(30)
            except ck.KafkaException as e:
                if e.args[0].code() != ck.KafkaError.TOPIC_ALREADY_EXISTS:
                    raise
        self.consumer = ck.Consumer({**common, "group.id": f"unused-{NAME}",
                                     "enable.auto.commit": False, "enable.partition.eof": True,
                                     "isolation.level": "read_committed"})
        self.consumer.assign([ck.TopicPartition(self.TOPIC, 0, ck.OFFSET_BEGINNING)])
        while not self.look(0.5):
            pass

    def look(self, wait=0):
        """Takes in what has come; whether that was all."""
        message = self.consumer.poll(wait)
        while message is not None:
            error = message.error()
            if error is None:
                self.values[message.key().decode()] = message.value()
            elif error.code() == ck.KafkaError._PARTITION_EOF:
                return True
            message = self.consumer.poll(0)
        return False

    def paused(self, topic):
        return self.values.get(f"pause:{topic}") is not None

    def cancelled(self, fire_id):
        return self.values.get(f"cancel:{fire_id}") is not None


class Worker:
    def __init__(self, bootstrap, group, topic):
        # Its own longest wait between two connections is longer than a transaction may take.
        common = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 1000}
        self.consumer = ck.Consumer({
            **common, "group.id": group, "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "isolation.level": "read_committed",
            "partition.assignment.strategy": "cooperative-sticky", "session.timeout.ms": 6000})
        self.producer = ck.Producer({**common, "transactional.id": f"{group}-{NAME}",
                                     "transaction.timeout.ms": 5000, "linger.ms": 0})
        self.partitions = len(self.consumer.list_topics("horolog.runs", 30)
                              .topics["horolog.runs"].partitions)
        self.over = {}
        self.topic = topic
        self.held = False
        self.controls = Controls(common)
        self.running = True
        self.producer.init_transactions(30)
        self.consumer.subscribe([topic], on_assign=self.assigned)

    def assigned(self, consumer, partitions):
        for tp in consumer.committed(partitions, 30):
            self.over[tp.topic, tp.partition] = read_over(tp.offset, tp.metadata)

    def home(self, key):
        return murmur2(key.encode()) % self.partitions

    def run(self):
        while self.running:
            self.controls.look()
            self.hold()
            message = self.consumer.poll(0.2)
            if message is None:
                continue
            if message.error():
                raise ck.KafkaException(message.error())
            over = self.over.setdefault((message.topic(), message.partition()), set())
            if message.offset() in over:
                over.discard(message.offset())
                continue
            self.one(Task(message), over)
        self.consumer.close()

    def hold(self):
        """A paused topic's tasks are not fetched; the membership goes on."""
        held = self.controls.paused(self.topic)
        if held:
            self.consumer.pause(self.consumer.assignment())
        elif self.held:
            self.consumer.resume(self.consumer.assignment())
        self.held = held

    def one(self, task, over):
        began, event, reason = None, "cancelled", "cancelled"
        if not self.controls.cancelled(task.fire_id):
            began, event, reason = int(time.time() * 1000), "succeeded", ""
            try:
                if task.fault:
                    raise Dead(task.fault)
                work(task.message, task.attempt)
            except Dead as e:
                event, reason = "dead", str(e)
            except Exception as e:  # whatever a task may do
                event = "failed" if task.attempt < task.max_attempts else "dead"
                reason = str(e)
            self.controls.look()
            if event == "failed" and self.controls.cancelled(task.fire_id):
                event = "cancelled"
        while not self.commit(task, event, reason, began, over):
            time.sleep(0.1)

    def commit(self, task, event, reason, began, over):
        """The record contract: all of it in one transaction, the offset last."""
        message, producer = task.message, self.producer
        next_offset = message.offset() + 1
        while next_offset in over:
            next_offset += 1
        producer.begin_transaction()
        try:
            producer.produce("horolog.runs", task.run_record(event, began, reason), task.fire_id,
                             partition=self.home(task.schedule or task.fire_id))
            if event == "failed":
                key, value, headers = task.retry()
                producer.produce("horolog.schedules", value, key, headers=headers,
                                 partition=self.home(key))
            if event == "dead":
                producer.produce(message.topic() + ".dlq", message.value(), message.key(),
                                 headers=task.letter_headers(reason))
            if event != "failed" and self.controls.cancelled(task.fire_id):
                producer.produce(Controls.TOPIC, None, f"cancel:{task.fire_id}", partition=0)
            producer.send_offsets_to_transaction(
                [ck.TopicPartition(message.topic(), message.partition(), next_offset,
                                   metadata=write_over(next_offset, over))],
                self.consumer.consumer_group_metadata(), 10)
            producer.commit_transaction(10)
            return True
        except ck.KafkaException as e:
            if e.args[0].fatal():
                raise
            producer.abort_transaction(10)
            # Whoever has the partition now works on the task: it is no longer ours to report.
            lost = all((tp.topic, tp.partition) != (message.topic(), message.partition())
                       for tp in self.consumer.assignment())
            return lost or not self.running


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    worker = Worker(*sys.argv[1:])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(worker, "running", False))
    worker.run()


if __name__ == "__main__":
    main()
