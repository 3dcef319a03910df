"""The independent checker of what the scheduler fires: reads and judges while it runs.

  checker.py watch bootstrap= targets=a,b cron=PATH/cron_times

Reads the commands from before the first one (their topic is trimmed behind it), the run records and
the targets with read_committed; says {"watching": partitions}. Lines on stdin: at "count" it says
{"counts": …}; at "judge UNTIL_MS" it reads on to the ends of all of them, and adds what is wrong
with nominal times up to then: {"counts": …, "wrong": number, "such": [some]}.
"""
import pathlib
import queue
import subprocess
import sys
import threading
import time

import confluent_kafka as ck
import model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop" / "drivers"))
import common  # noqa: E402

COMMANDS, RUNS = "horolog.schedules", "horolog.runs"
PREFIX = "horolog-"
PASSING = (ck.KafkaError._ALL_BROKERS_DOWN, ck.KafkaError._TRANSPORT, ck.KafkaError._RESOLVE,
           ck.KafkaError._TIMED_OUT, ck.KafkaError._TIMED_OUT_QUEUE)
PATIENCE_SECONDS = 60


class Cron:
    """Asks cron_times; what was asked is remembered."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        self.known = {}

    def __call__(self, spec, zone, after, until):
        first = after // 60_000 * 60
        count = max(0, until // 1_000 - first) + 1
        if (spec, zone, first, count) not in self.known:
            self.process.stdin.write(f"{spec}\t{zone}\t{first}\t{count}\n")
            self.process.stdin.flush()
            found = [int(s) * 1_000 for s in self.process.stdout.readline().split()]
            self.known[spec, zone, first, count] = found
        return [n for n in self.known[spec, zone, first, count] if after < n <= until]


class Streams:
    """Every partition of the topics, from its beginning."""

    def __init__(self, bootstrap, topics):
        self.consumer = ck.Consumer({
            "bootstrap.servers": bootstrap, "group.id": "horolog-checker",
            "enable.auto.commit": False, "auto.offset.reset": "error",
            "isolation.level": "read_committed", "enable.partition.eof": True,
            "fetch.wait.max.ms": 50, "log_level": 0, "reconnect.backoff.max.ms": 250,
            "topic.metadata.refresh.interval.ms": 5000})
        self.places = []
        for topic in topics:
            known = self.consumer.list_topics(topic, 30).topics[topic]
            if known.error or not known.partitions:
                raise SystemExit(f"{topic}: {known.error}")
            self.places += [(topic, p) for p in known.partitions]
        self.read_to = dict.fromkeys(self.places, 0)
        self.consumer.assign([ck.TopicPartition(t, p, ck.OFFSET_BEGINNING)
                              for t, p in self.places])

    def partitions(self, topic):
        return sum(t == topic for t, _ in self.places)

    def some(self):
        """What has come; an end of a partition is only noted."""
        records = []
        for m in self.consumer.consume(1000, 0.05):
            place = (m.topic(), m.partition())
            if m.error() is None:
                self.read_to[place] = m.offset() + 1
                records.append(m)
            elif m.error().code() == ck.KafkaError._PARTITION_EOF:
                self.read_to[place] = max(self.read_to[place], m.offset())
            elif m.error().code() not in PASSING and not m.error().retriable():
                held = self.consumer.get_watermark_offsets(ck.TopicPartition(*place), 5)
                raise SystemExit(f"{place}: read to {self.read_to[place]}, while it holds {held}: "
                                 f"{m.error()}")
        return records

    def ends(self):
        """The last stable offsets now."""
        until = time.monotonic() + PATIENCE_SECONDS
        found = {}
        for topic, partition in self.places:
            while (topic, partition) not in found:
                try:
                    _, end = self.consumer.get_watermark_offsets(
                        ck.TopicPartition(topic, partition), 5)
                    found[topic, partition] = end
                except ck.KafkaException:
                    if time.monotonic() > until:
                        raise
        return found

    def reached(self, ends):
        return all(self.read_to[place] >= end for place, end in ends.items())


def headers_of(message):
    return {name.removeprefix(PREFIX): value.decode() for name, value in message.headers() or ()
            if name.startswith(PREFIX)}


def take(records, into):
    for m in records:
        if m.topic() == COMMANDS:
            into.command(m.partition(), m.offset(), m.timestamp()[1], m.key(), headers_of(m),
                         m.value())
        elif m.topic() == RUNS:
            into.run(m.value())
        else:
            headers = headers_of(m)
            if "fire-id" in headers:
                into.fire(headers, m.value())


def watch(o):
    streams = Streams(o["bootstrap"], [COMMANDS, RUNS, *o["targets"].split(",")])
    judged = model.Model(streams.partitions(COMMANDS), Cron(o["cron"]))
    asked = queue.Queue()

    def listen():
        for line in sys.stdin:
            asked.put(line.split())
        asked.put(None)

    threading.Thread(target=listen, daemon=True).start()
    common.emit(watching=len(streams.places))
    while True:
        take(streams.some(), judged)
        try:
            words = asked.get_nowait()
        except queue.Empty:
            continue
        if words is None:
            return
        if words[0] == "count":
            common.emit(counts=dict(judged.counts))
            continue
        ends = streams.ends()
        while not streams.reached(ends):
            take(streams.some(), judged)
        wrong = judged.judge(int(words[1]))
        common.emit(counts=dict(judged.counts), wrong=len(wrong), such=wrong[:20])


if __name__ == "__main__":
    verb, options = common.arguments()
    {"watch": watch}[verb](options)
