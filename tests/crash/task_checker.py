#!/usr/bin/env python3
"""Reads what became of tasks and says whether each was worked on exactly once.

  task_checker.py BOOTSTRAP TOPIC GROUP SENT SECONDS

SENT holds the tasks that were acknowledged, one "KEY PAYLOAD" a line; keys are unique. It shares no
code with workers, scheduler or broker, and reads with read_committed: the topic, its dead letters
and the run records. It waits until every task is over (at most SECONDS from one that ends to the
next), and then for a while longer for what might still happen wrongly. Prints what it counted as
JSON; exit code 1 with the first wrong task.
"""
import collections
import json
import re
import sys
import time
import uuid

import confluent_kafka as ck

NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
FINAL = ("succeeded", "dead", "expired", "stopped")
QUIET_SECONDS = 2
# What a payload's first word may lead to, attempt by attempt.
GIVEN_UP = [["failed", "failed", "dead"]]
ALLOWED = {
    "ok": [["succeeded"]], "slow": [["succeeded"]], "exit": [["succeeded"]],
    "dead": [["dead"]], "fail": GIVEN_UP, "throw": GIVEN_UP, "until": [["failed", "succeeded"]],
    # Sent with a time limit and two attempts; the Python example knows no time limit.
    "hang": [["failed", "dead"], ["failed", "succeeded"], ["succeeded"]],
}


class Wrong(Exception):
    """Something happened that must not."""


def check(condition, text):
    if not condition:
        raise Wrong(text)


class History:
    """Everything that was read, by the task's key and by fire id."""

    def __init__(self, topic):
        self.topic = topic
        self.first = collections.defaultdict(list)  # key → records that are no retries
        self.retries = collections.defaultdict(list)  # key → (attempt, fire id, payload, partition)
        self.letters = collections.defaultdict(list)  # key → (fire id, attempt, payload)
        self.ends = collections.defaultdict(list)  # fire id → (attempt, event)
        self.over = set()  # fire ids
        self.last = collections.defaultdict(int)  # partition → offset of its last record

    def add(self, message):
        headers = {k: v.decode() for k, v in message.headers() or [] if v is not None}
        if message.topic() == "horolog.runs":
            return self.add_run(json.loads(message.value()))
        key, payload = message.key().decode(), message.value().decode()
        if message.topic() != self.topic:
            return self.letters[key].append((headers["horolog-fire-id"],
                                             int(headers["horolog-attempt"]), payload))
        self.last[message.partition()] = max(message.offset(), self.last[message.partition()])
        if headers.get("horolog-trigger") == "retry":
            return self.retries[key].append((int(headers["horolog-attempt"]),
                                             headers["horolog-fire-id"], payload,
                                             message.partition()))
        place = f"{self.topic}\0{message.partition()}\0{message.offset()}"
        return self.first[key].append((str(uuid.uuid5(NAMESPACE, place)), payload,
                                       message.partition()))

    def add_run(self, run):
        if run.get("target") != self.topic or run["event"] not in (*FINAL, "failed"):
            return
        self.ends[run["fire_id"]].append((run["attempt"], run["event"], run.get("worker", "?")))
        if run["event"] in FINAL:
            self.over.add(run["fire_id"])


def follow(bootstrap, history, tasks, seconds):
    """Reads until all tasks are over and nothing has come for a while."""
    consumer = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": "task-checker",
                            "enable.auto.commit": False, "isolation.level": "read_committed",
                            "auto.offset.reset": "earliest"})
    found = consumer.list_topics(timeout=30).topics
    consumer.assign([ck.TopicPartition(name, p, 0)
                     for name in (history.topic, history.topic + ".dlq", "horolog.runs")
                     for p in found[name].partitions])
    over, progress, heard = 0, time.monotonic(), time.monotonic()
    while len(history.over) < len(tasks) or time.monotonic() < heard + QUIET_SECONDS:
        if len(history.over) > over:
            over, progress = len(history.over), time.monotonic()
        for message in consumer.consume(1000, 0.2):
            if message.error() is None:
                history.add(message)
                heard = time.monotonic()
        if time.monotonic() > progress + seconds:
            open_ = [f"{key} ({payload})" for key, payload in tasks.items()
                     if not history.first[key] or history.first[key][0][0] not in history.over]
            raise Wrong(f"{len(open_)} of {len(tasks)} tasks are not over, and none has ended for "
                        f"{seconds} s, such as {open_[:4]}")
    consumer.close()


def check_task(history, key, payload):
    """Gives the number of attempts and the final state."""
    times = len(history.first[key])
    check(times == 1, f"task {key} is {times} times in the topic")
    fire_id, stored, partition = history.first[key][0]
    check(stored == payload, f"task {key}: {stored!r} in the topic, {payload!r} was sent")
    ends = sorted(history.ends[fire_id])
    events = [event for _, event, _ in ends]
    check([number for number, _, _ in ends] == list(range(1, len(ends) + 1)),
          f"attempts of {key} ({payload}, {fire_id}): {ends}")
    check(all(event == "failed" for event in events[:-1]) and events[-1] in FINAL,
          f"{key} ({payload}) is over more than once, or not at the end: {ends}")
    check(events in ALLOWED[payload.split()[0]], f"{key} ({payload}): {ends}")
    wanted = [(n, fire_id, payload, partition) for n in range(2, len(ends) + 1)]
    check(sorted(history.retries[key]) == wanted,
          f"retries of {key} ({payload}): {sorted(history.retries[key])}, not {wanted}")
    letters = [(fire_id, len(ends), payload)] if events[-1] == "dead" else []
    check(history.letters[key] == letters,
          f"dead letters of {key} ({payload}): {history.letters[key]}, not {letters}")
    return len(ends), events[-1]


def check_offsets(bootstrap, history, group):
    """The group has nothing left to do: every record lies below its offset."""
    consumer = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": group,
                            "enable.auto.commit": False})
    for tp in consumer.committed([ck.TopicPartition(history.topic, p) for p in history.last], 30):
        check(tp.offset > history.last[tp.partition],
              f"partition {tp.partition}: all tasks are over and the group's offset is {tp.offset} "
              f"({tp.metadata or 'no'} metadata), the last record's {history.last[tp.partition]}")
    consumer.close()


def kind(worker):
    """By how each kind makes up its name."""
    for name, pattern in (("go", r"-go-[0-9a-f]{8}$"), ("c++", r"-\d+-[0-9a-f]{8}$"),
                          ("python", r"-[0-9a-f]{8}$")):
        if re.search(pattern, worker):
            return name
    return worker


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    bootstrap, topic, group, sent, seconds = sys.argv[1:]
    tasks = dict(line.rstrip("\n").split(" ", 1) for line in open(sent))
    history = History(topic)
    counts = collections.Counter()
    try:
        follow(bootstrap, history, tasks, float(seconds))
        unknown = set(history.first) - set(tasks)
        check(not any(history.first[key] for key in unknown), f"tasks nobody sent: {unknown}")
        for key, payload in tasks.items():
            attempts, state = check_task(history, key, payload)
            counts.update({"tasks": 1, "attempts": attempts, state: 1})
        check_offsets(bootstrap, history, group)
    except Wrong as e:
        sys.exit(str(e))
    counts.update(kind(worker) for ends in history.ends.values() for _, _, worker in ends)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
