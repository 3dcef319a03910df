#!/usr/bin/env python3
"""A task worker in Python, on the stock client (confluent-kafka), by tools/TASKS.md.

  task_worker.py BOOTSTRAP GROUP TOPIC

One task at a time, so that it has no use for horolog-priority and -lane; of what TASKS.md leaves
open it announces no starts and heeds no cancel-requested. It shares its group with workers in other
languages. Replace work() by yours. Ends on SIGTERM or SIGINT, between two tasks.
"""
import datetime
import json
import os
import random
import re
import signal
import socket
import sys
import time
import uuid

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic

from task_metadata import murmur2, read_over, write_over

NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
MAX_ATTEMPTS, BACKOFF_MS, MAX_BACKOFF_MS = 3, 200, 1_000
MAX_DEATHS = int(os.environ.get("HOROLOG_MAX_DEATHS", 3))
COPIED = ("horolog-max-attempts", "horolog-backoff", "horolog-timeout", "horolog-priority",
          "horolog-lane")
FOREIGN = ("scheduler-epoch", "scheduler-target-topic", "scheduler-target-key",
           "schedule_target_epoch", "schedule_target_topic", "schedule_target_key",
           "schedule_target_partition")
NAME = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"


UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


class Dead(Exception):
    """Trying the task again would not help."""


def work(message, attempt):
    """The task itself: returns when it is done, raises when it failed."""
    word, _, number = message.value().decode().partition(" ")
    if word == "dead":
        raise Dead("as it was told")
    if word in ("fail", "throw") or (word == "until" and attempt < int(number)):
        raise RuntimeError("as it was told")
    if word == "crash":
        os._exit(9)
    if word == "slow":
        time.sleep(int(number) / 1000)


def in_time(limit_ms, function, *words):
    """Interrupts what takes longer; 0: no limit. Works in the main thread only."""
    def over(*_):
        raise TimeoutError(f"timed out after {limit_ms} ms")
    signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, limit_ms / 1000)
    try:
        function(*words)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


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
        self.attempt = self.number("horolog-attempt", 1, 1)
        self.max_attempts = self.number("horolog-max-attempts", MAX_ATTEMPTS, 1, 1_000_000)
        self.number("horolog-priority", 5, 0, 9)
        self.backoff_ms = self.duration("horolog-backoff", BACKOFF_MS)
        self.timeout_ms = self.duration("horolog-timeout", 0)
        self.expires_ms = self.instant("horolog-expires")
        schedule = ours.get("horolog-schedule", "")
        self.schedule = None if schedule.startswith("retry:") else schedule or None

    def number(self, name, fallback, least, most=2 ** 63 - 2):
        text = self.ours.get(name)
        if text is None:
            return fallback
        if text.isdecimal() and least <= int(text) <= most:
            return int(text)
        self.fault = self.fault or f"{name}: '{text}' is not a whole number from {least} to {most}"
        return fallback

    def duration(self, name, fallback):
        """Milliseconds of 300ms, 1h30m, PT15M, P1DT2H."""
        text = self.ours.get(name)
        if text is None:
            return fallback
        plain = text.lower()
        if plain.startswith("p"):
            plain = plain[1:].replace("t", "")
        parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhdw])", plain)
        if parts and "".join(n + unit for n, unit in parts) == plain:
            return int(sum(float(n) * UNITS[unit] for n, unit in parts))
        self.fault = self.fault or f"{name}: '{text}' is no duration like 300ms, 2s or PT15M"
        return fallback

    def instant(self, name):
        """Epoch milliseconds; of a duration counted from the fire, or the record's timestamp."""
        text = self.ours.get(name)
        if text is None or text.isdecimal():
            return text and int(text)
        try:
            return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
                       .timestamp() * 1000)
        except ValueError:
            fired = self.number("horolog-fired-time", self.message.timestamp()[1], 0)
            return fired + self.duration(name, 0)

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
        most = max(self.backoff_ms, MAX_BACKOFF_MS)
        delay = min(self.backoff_ms * 2 ** min(self.attempt - 1, 60), most)
        delay *= random.uniform(0.8, 1.2)
        attempt = self.attempt + 1
        headers = [(k, v) for k, v in self.headers
                   if k in COPIED or not k.startswith("horolog-") and k not in FOREIGN]
        headers += [("horolog-topic", self.message.topic()),
                    ("horolog-partition", str(self.message.partition())),
                    ("horolog-delay", f"{max(1, int(delay))}ms"),
                    ("horolog-fire-id", self.fire_id), ("horolog-attempt", str(attempt))]
        if self.message.key() is not None:
            headers.append(("horolog-key", self.message.key()))
        if self.expires_ms is not None:
            headers.append(("horolog-expires", str(self.expires_ms)))
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
        self.over, self.died = {}, {}
        self.first = set()  # partitions of which no task was started yet
        self.topic = topic
        self.held = False
        self.controls = Controls(common)
        self.running = True
        self.producer.init_transactions(30)
        self.consumer.subscribe([topic], on_assign=self.assigned)

    def assigned(self, consumer, partitions):
        for tp in consumer.committed(partitions, 30):
            place = tp.topic, tp.partition
            self.over[place], self.died[place] = read_over(tp.offset, tp.metadata)
            self.first.add(place)

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
            task = Task(message)
            self.look_at_deaths(task)
            self.one(task, over)
        self.consumer.close()

    def hold(self):
        """A paused topic's tasks are not fetched; the membership goes on."""
        held = self.controls.paused(self.topic)
        if held:
            self.consumer.pause(self.consumer.assignment())
        elif self.held:
            self.consumer.resume(self.consumer.assignment())
        if held != self.held:
            print(f"{self.topic} is {'paused' if held else 'resumed'}", file=sys.stderr, flush=True)
        self.held = held

    def look_at_deaths(self, task):
        """If a task killed whoever had the partition, then it is the first that is not over."""
        message = task.message
        place = message.topic(), message.partition()
        died = self.died.setdefault(place, [])
        deaths = sum(message.offset() < end for end in died)
        if deaths >= MAX_DEATHS:
            task.fault = f"worker died {deaths} times while it was started"
        elif place in self.first:
            died.append(message.offset() + 1)  # for as long as it is not over
            while not self.transact(message, message.offset(), []):
                time.sleep(0.1)
        self.first.discard(place)

    def one(self, task, over):
        began, event, reason = None, "cancelled", "cancelled"
        now = int(time.time() * 1000)
        late = not task.fault and task.expires_ms is not None and now > task.expires_ms
        cancelled = self.controls.cancelled(task.fire_id)
        if late and not cancelled:
            event, reason = "expired", f"not started by {task.expires_ms}"
        elif not cancelled:
            began, event, reason = now, "succeeded", ""
            try:
                if task.fault:
                    raise Dead(task.fault)
                in_time(task.timeout_ms, work, task.message, task.attempt)
            except Dead as e:
                event, reason = "dead", str(e)
            except Exception as e:  # whatever a task may do
                event = "failed" if task.attempt < task.max_attempts else "dead"
                reason = str(e)
            self.controls.look()
            if event == "failed" and self.controls.cancelled(task.fire_id):
                event = "cancelled"
        next_offset = task.message.offset() + 1
        while next_offset in over:
            next_offset += 1
        while not self.transact(task.message, next_offset,
                                self.records(task, event, reason, began)):
            time.sleep(0.1)

    def records(self, task, event, reason, began):
        """What is written about the end of an attempt."""
        message = task.message
        out = [dict(topic="horolog.runs", value=task.run_record(event, began, reason),
                    key=task.fire_id, partition=self.home(task.schedule or task.fire_id))]
        if event == "failed":
            key, value, headers = task.retry()
            out.append(dict(topic="horolog.schedules", value=value, key=key, headers=headers,
                            partition=self.home(key)))
        if event == "dead":
            out.append(dict(topic=message.topic() + ".dlq", value=message.value(),
                            key=message.key(), headers=task.letter_headers(reason)))
        if event != "failed" and self.controls.cancelled(task.fire_id):
            out.append(dict(topic=Controls.TOPIC, value=None, key=f"cancel:{task.fire_id}",
                            partition=0))
        return out

    def transact(self, message, next_offset, records):
        """The record contract: all of it in one transaction, the offset last."""
        producer, place = self.producer, (message.topic(), message.partition())
        producer.begin_transaction()
        try:
            for record in records:
                producer.produce(**record)
            producer.send_offsets_to_transaction(
                [ck.TopicPartition(*place, next_offset, metadata=write_over(
                    next_offset, self.over[place], self.died[place]))],
                self.consumer.consumer_group_metadata(), 10)
            producer.commit_transaction(10)
            return True
        except ck.KafkaException as e:
            if e.args[0].fatal():
                raise
            producer.abort_transaction(10)
            # Whoever has the partition now works on the task: it is no longer ours to report.
            lost = all((tp.topic, tp.partition) != place for tp in self.consumer.assignment())
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
