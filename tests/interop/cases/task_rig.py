"""What the suite `tasks` works and checks with.

Workers are own_worker (the library, drivers/own_worker.cpp) and the examples in Python and Go under
tools/examples. The checker shares nothing with them: it knows which records it sent, computes their
fire ids itself, and reads targets, run records and dead letters with kcat, read_committed.
"""
import collections
import json
import os
import pathlib
import signal
import subprocess
import uuid

from harness import clients, paths
from harness.results import check

from .scheduler import kcat, until

NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
ATTEMPTS = 3  # what own_worker is set to
FINAL = ("succeeded", "dead", "expired", "stopped", "cancelled")


def program(broker, name):
    """Beside the broker, also when that one is Apache Kafka."""
    folder = pathlib.Path(getattr(broker, "binary", paths.default_binary())).parent
    check((folder / name).exists(), f"{folder / name} is missing: build the target {name}")
    return str(folder / name)


class Worker:
    """One own_worker; it may be killed."""

    def __init__(self, broker, work, group, topic, concurrency=4, seen=None):
        self.topic = topic
        # Tests kill workers that have done nothing wrong: that must not count against a task soon.
        self.env = {**os.environ, "HOROLOG_MAX_DEATHS": "5"}
        if seen:
            self.env["HOROLOG_SEEN"] = str(seen)
        self.command = [program(broker, "own_worker"), broker.bootstrap, group, str(concurrency),
                        topic]
        self.log = pathlib.Path(work) / f"worker-{group}.log"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stderr=log,
                                            stdout=subprocess.PIPE, text=True, env=self.env)
        return self

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self):
        """Drains; gives what the worker counted."""
        out, _ = self.process.communicate(timeout=60)
        check(self.process.returncode == 0, f"the worker ended with {self.process.returncode}: "
              f"{out}{self.log.read_text(errors='replace')[-500:]}")
        return json.loads(out.splitlines()[-1])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


def read_all(broker, topic):
    """Every committed record as (partition, offset, key, headers, value)."""
    out = kcat(broker, "-C", "-t", topic, "-o", "beginning", "-e", "-q",
               "-X", "isolation.level=read_committed", "-J")
    rows = []
    for line in out.splitlines():
        row = json.loads(line)
        pairs = row.get("headers") or []
        headers = dict(zip(pairs[::2], pairs[1::2]))
        rows.append((row["partition"], row["offset"], row.get("key"), headers, row["payload"]))
    return rows


def produce(broker, topic, payloads):
    kcat(broker, "-P", "-t", topic, text="".join(f"{p}\n" for p in payloads))


def fire_id(topic, partition, offset):
    return str(uuid.uuid5(NAMESPACE, f"{topic}\0{partition}\0{offset}"))


def plain_tasks(broker, topic):
    """Fire id → payload of every record that is no retry."""
    return {h.get("horolog-fire-id") or fire_id(topic, p, o): v
            for p, o, _, h, v in read_all(broker, topic)
            if h.get("horolog-trigger") != "retry"}


def attempts(broker, ids):
    """Fire id → its attempts' events, by number; an attempt with two ends is an error."""
    found = collections.defaultdict(dict)
    for _, _, key, _, value in read_all(broker, "horolog.runs"):
        run = json.loads(value)
        if key not in ids or run["event"] not in (*FINAL, "failed"):
            continue
        number = run["attempt"]
        check(number not in found[key], f"attempt {number} of {key} ended twice: "
              f"{found[key].get(number)} and {run['event']}")
        found[key][number] = run["event"]
    return found


def wanted(payload):
    """The events of a task's attempts."""
    word, _, number = payload.partition(" ")
    if word in ("fail", "throw"):
        return ["failed"] * (ATTEMPTS - 1) + ["dead"]
    if word in ("dead", "crash"):
        return ["dead"]
    if word == "until":
        return ["failed"] * (int(number) - 1) + ["succeeded"]
    return ["succeeded"]


def all_final(broker, tasks):
    found = attempts(broker, tasks)
    return len(found) == len(tasks) and all(
        any(event in FINAL for event in each.values()) for each in found.values())


def check_exact(broker, topic, tasks):
    """Each attempt ended once, each task in its one final state; retries and dead letters match."""
    found = attempts(broker, tasks)
    for task, payload in tasks.items():
        events = [event for _, event in sorted(found[task].items())]
        check(sorted(found[task]) == list(range(1, len(events) + 1)),
              f"attempts of {task}: {sorted(found[task])}")
        check(events == wanted(payload), f"{payload}: {events}, not {wanted(payload)}")
    retries = collections.Counter(
        (h["horolog-fire-id"], int(h["horolog-attempt"]))
        for _, _, _, h, _ in read_all(broker, topic) if h.get("horolog-trigger") == "retry")
    expected = {(task, n + 2) for task, payload in tasks.items()
                for n in range(len(wanted(payload)) - 1)}
    check(set(retries) == expected, f"{len(set(retries) ^ expected)} retries differ")
    check(max(retries.values(), default=1) == 1, "a retry was fired twice")
    dead = collections.Counter(h["horolog-fire-id"]
                               for _, _, _, h, _ in read_all(broker, topic + ".dlq")
                               if h["horolog-fire-id"] in tasks)
    expected = {task for task, payload in tasks.items() if wanted(payload)[-1] == "dead"}
    check(set(dead) == expected, f"{len(set(dead) ^ expected)} dead letters differ")
    check(max(dead.values(), default=1) == 1, "a dead letter was written twice")


def finish(broker, topic, seconds=60):
    tasks = plain_tasks(broker, topic)
    until("every task's end", lambda: all_final(broker, tasks), seconds)
    check_exact(broker, topic, tasks)
    return tasks


class PythonWorker(Worker):
    """tools/examples/task_worker.py, on confluent-kafka."""

    def __init__(self, broker, work, group, topic):
        super().__init__(broker, work, group, topic)
        self.command = [clients.python_env(), paths.SOURCE / "tools/examples/task_worker.py",
                        broker.bootstrap, group, topic]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        check(code == 0, f"{type(self).__name__} ended with {code}: "
              f"{self.log.read_text(errors='replace')[-800:]}")


class GoWorker(PythonWorker):
    """tools/examples/task_worker_go, on franz-go."""

    def __init__(self, broker, work, group, topic):
        super().__init__(broker, work, group, topic)
        self.command = [clients.go_program("task-worker",
                                           paths.SOURCE / "tools/examples/task_worker_go"),
                        broker.bootstrap, group, topic]
