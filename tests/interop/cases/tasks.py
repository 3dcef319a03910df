"""Suite `tasks`: tasks are worked on, retried, put aside and marked complete.

Workers are own_worker (the library, drivers/own_worker.cpp) and `horolog task work`; the scheduler
fires what is due. The checker shares nothing with them: it knows which records it sent, computes
their fire ids itself, and reads targets, run records and dead letters with kcat, read_committed.
"""
import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import time
import uuid

from harness import clients, paths
from harness.broker import Kafka
from harness.results import check

from .scheduler import Scheduler, kcat, make_topic, send, until

SUITE = "tasks"
NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
ATTEMPTS = 3  # what own_worker is set to
FINAL = ("succeeded", "dead", "expired", "stopped")


def program(broker, name):
    """Beside the broker, also when that one is Apache Kafka."""
    folder = pathlib.Path(getattr(broker, "binary", paths.default_binary())).parent
    check((folder / name).exists(), f"{folder / name} is missing: build the target {name}")
    return str(folder / name)


class Worker:
    """One own_worker; it may be killed."""

    def __init__(self, broker, work, group, topic, concurrency=4):
        self.command = [program(broker, "own_worker"), broker.bootstrap, group, str(concurrency),
                        topic]
        self.log = pathlib.Path(work) / f"worker-{group}.log"
        self.process = None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stderr=log,
                                            stdout=subprocess.PIPE, text=True)
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
    if word == "dead":
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


def lifecycle(broker, work):
    """A schedule fires, tasks fail, are retried, put aside and marked complete."""
    topic = "jobs"
    make_topic(broker, topic)
    with Worker(broker, work, "jobs-workers", topic) as worker:
        send(broker, "job", {"topic": topic, "every": "1s", "limit": 3}, "until 2")
        produce(broker, topic, ["ok"] * 30 + ["fail", "dead", "throw", "until 3", "slow 1500"])
        until("the fires", lambda: sum(
            h.get("horolog-schedule") == "job" and h["horolog-trigger"] != "retry"
            for _, _, _, h, _ in read_all(broker, topic)) == 3)
        tasks = finish(broker, topic)
        counted = worker.stop()
    ends = collections.Counter(event for payload in tasks.values() for event in wanted(payload))
    for event in ("succeeded", "failed", "dead"):
        check(counted[event] == ends[event], f"the worker counted {counted}, not {ends}")
    letters = [(h, v) for _, _, _, h, v in read_all(broker, topic + ".dlq")]
    causes = {v: h["horolog-dead-cause"] for h, v in letters}
    check(causes == {"fail": "as it was told", "dead": "as it was told",
                     "throw": "thrown as it was told"}, f"causes {causes}")
    started = [json.loads(v) for _, _, _, _, v in read_all(broker, "horolog.runs")
               if json.loads(v)["event"] == "started"]
    check(len(started) == 1, f"{len(started)} announced starts, not that of the slow one")


def killed(broker, work, count=600, kills=5):
    """Workers are killed with -9 on the way: no attempt is lost, none counted twice."""
    topic = "killed-tasks"
    make_topic(broker, topic)
    workers = [Worker(broker, work, "killed-workers", topic).start() for _ in range(3)]
    dice = random.Random(7)
    try:
        for turn in range(kills):
            produce(broker, topic, [dice.choice(("ok", "ok", "slow 30", "until 2", "fail", "dead"))
                                    for _ in range(count // kills)])
            time.sleep(0.3 + dice.random())
            victim = workers[turn % len(workers)]
            victim.kill()
            victim.start()
        tasks = finish(broker, topic, 120)
        check(len(tasks) == count + 1, f"{len(tasks)} tasks, not {count} and the seed")
        for worker in workers:
            worker.stop()
    finally:
        for worker in workers:
            if worker.process.poll() is None:
                worker.kill()
    return f"{len(tasks)} tasks, {kills} kills"


class PythonWorker(Worker):
    """tools/examples/task_worker.py, on confluent-kafka."""

    def __init__(self, broker, work, group, topic):
        super().__init__(broker, work, group, topic)
        self.command = [clients.python_env(), paths.SOURCE / "tools/examples/task_worker.py",
                        broker.bootstrap, group, topic]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        check(code == 0, f"the Python worker ended with {code}: "
              f"{self.log.read_text(errors='replace')[-800:]}")


def mixed(broker, work, count=200):
    """C++ and Python workers share a group; one of each is killed on the way."""
    topic, group = "mixed-tasks", "mixed-workers"
    make_topic(broker, topic)
    workers = [Worker(broker, work, group, topic), PythonWorker(broker, work, group, topic),
               Worker(broker, work, group, topic)]
    dice = random.Random(8)
    try:
        for worker in workers:
            worker.start()
        for turn in range(4):
            produce(broker, topic, [dice.choice(("ok", "slow 20", "until 2", "fail", "dead"))
                                    for _ in range(count // 4)])
            time.sleep(0.5 + dice.random())
            if turn in (1, 2):
                workers[turn].kill()
                workers[turn].start()
        tasks = finish(broker, topic, 120)
        who = collections.Counter(
            "C++" if "group" in run else "Python" for run in
            (json.loads(v) for _, _, key, _, v in read_all(broker, "horolog.runs") if key in tasks))
        check(who["C++"] and who["Python"], f"who worked: {who}")
        for worker in workers:
            worker.stop()
    finally:
        for worker in workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.kill()
    return f"{len(tasks)} tasks: {dict(who)}"


def fenced(broker, work, count=200):
    """A worker is stopped for longer than its session, then goes on: it is fenced."""
    topic = "fenced-tasks"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic, 2) as first, Worker(broker, work, topic, topic, 2):
        produce(broker, topic, ["slow 50", "until 2", "ok", "dead"] * (count // 4))
        time.sleep(1)
        os.kill(first.process.pid, signal.SIGSTOP)
        time.sleep(8)
        produce(broker, topic, ["ok"] * 20)
        os.kill(first.process.pid, signal.SIGCONT)
        tasks = finish(broker, topic, 90)
        check(first.stop()["succeeded"] > 0, "the stopped one never worked")
    return f"{len(tasks)} tasks"


def long_handlers(broker, work):
    """Handlers that run for longer than the session keep their tasks, also when others join."""
    topic = "long-tasks"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic) as first:
        produce(broker, topic, ["deaf 8000"] * 2)
        until("the starts", lambda: sum(
            json.loads(v)["event"] == "started" and json.loads(v)["target"] == topic
            for _, _, _, _, v in read_all(broker, "horolog.runs")) == 2)
        check(first.process.poll() is None, "the worker has gone")
        tasks = finish(broker, topic)
        counted = first.stop()
    check(counted["succeeded"] == len(tasks) == 3, f"{counted}")


def broker_killed(broker, work, count=300):
    """The broker is killed with -9 under the workers."""
    topic = "broker-killed-tasks"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic), Worker(broker, work, topic, topic):
        dice = random.Random(9)
        for _ in range(2):
            produce(broker, topic, [dice.choice(("ok", "slow 20", "until 2", "dead"))
                                    for _ in range(count // 2)])
            time.sleep(0.7)
            broker.kill()
            broker.start()
        tasks = finish(broker, topic, 120)
    return f"{len(tasks)} tasks"


SCRIPT = """read line
echo "$HOROLOG_TASK_ATTEMPT $HOROLOG_TASK_TOPIC $HOROLOG_TASK_HEADER_SHOE_SIZE" >> "$SEEN"
case "$line" in
ok) exit 0 ;;
crash) kill -SEGV $$ ;;
poison) echo cannot read this; exit 65 ;;
esac
echo broken; exit 3
"""


def by_command(broker, work):
    """`horolog task work` runs a command per task; exit codes decide; SIGTERM drains."""
    topic = "commands"
    make_topic(broker, topic)
    kcat(broker, "-P", "-t", topic, "-H", "shoe-size=43", text="ok")
    produce(broker, topic, ["crash", "poison", "other"])
    seen = pathlib.Path(work) / "seen"
    seen.touch()
    script = pathlib.Path(work) / "task.sh"
    script.write_text(SCRIPT)
    run = [program(broker, "horolog"), "task", "work", topic, "-b", broker.bootstrap, "--json",
           "--max-attempts", "2", "--backoff", "100ms", "--concurrency", "2"]
    with subprocess.Popen([*run, "--exec", f"exec sh {script}"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          env={**os.environ, "SEEN": str(seen)}) as process:
        try:
            def letters():
                return {v: h for _, _, _, h, v in read_all(broker, topic + ".dlq")}
            tasks = plain_tasks(broker, topic)
            until("every task's end", lambda: all_final(broker, tasks))
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                process.kill()
    check(process.returncode == 0, f"exit {process.returncode}: {err}")
    counted = json.loads(out)
    # The seed of make_topic is a task too, and none that the script knows.
    check((counted["succeeded"], counted["failed"], counted["dead"]) == (1, 3, 4), f"{counted}")
    causes = {v: h["horolog-dead-cause"] for v, h in letters().items()}
    check(causes["poison"] == "exit 65: cannot read this", f"{causes}")
    check(causes["other"] == "exit 3: broken", f"{causes}")
    check(causes["crash"].startswith("killed by signal 11"), f"{causes}")
    lines = sorted(seen.read_text().splitlines())
    check(f"1 {topic} 43" in lines and len(lines) == 8, f"the commands saw {lines}")
    refused = subprocess.run([*run, "--exec", "no-such-program"], capture_output=True, text=True,
                             timeout=60, check=False)
    check(refused.returncode == 2 and "no program 'no-such-program'" in refused.stderr,
          f"{refused.returncode}: {refused.stderr}")
    missing = subprocess.run([run[0], "task", "work", "no-such-topic", "-b", broker.bootstrap,
                              "--exec", "true"], capture_output=True, text=True, timeout=60,
                             check=False)
    check(missing.returncode == 3 and "horolog topic create no-such-topic" in missing.stderr,
          f"{missing.returncode}: {missing.stderr}")


def shown(broker, work):
    """`horolog task submit`, ls, describe, stats and dlq ls agree with what happened."""
    topic = "shown"
    make_topic(broker, topic)

    def horolog(*words, code=0):
        done = subprocess.run([program(broker, "horolog"), "task", *words, "-b", broker.bootstrap,
                               "--json"], capture_output=True, text=True, timeout=60, check=False)
        check(done.returncode == code, f"task {words}: {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if code == 0 else done.stderr

    plain = horolog("submit", topic, "until 2", "--key", "k", "--header", "mine=1")["fire_id"]
    dead = horolog("submit", topic, "dead", "--lane", "eu", "--priority", "9")["fire_id"]
    horolog("submit", topic, "fail", "--unique", "one", "--delay", "1h")
    horolog("submit", topic, "ok", "--unique", "one", "--delay", "1s")
    late = horolog("submit", topic, "ok", "--expires", "1ms")["fire_id"]
    time.sleep(0.1)
    check("--priority" in horolog("submit", topic, "x", "--priority", "10", code=2), "no refusal")
    with Worker(broker, work, "shown-workers", topic) as worker:
        def states():
            return {row["fire_id"]: row for row in horolog("ls", "--topic", topic)["tasks"]}
        until("every task's end", lambda: len(states()) == 5 and all(
            row["state"] in FINAL for row in states().values()))
        worker.stop()
    found = states()
    check((found[plain]["state"], found[plain]["attempt"]) == ("succeeded", 2), f"{found[plain]}")
    check(found[dead]["state"] == "dead" and found[dead]["reason"] == "as it was told", f"{found}")
    check(found[late]["state"] == "expired", f"{found[late]}")
    unique = [row for row in found.values() if row["schedule"] == "one"]
    check(len(unique) == 1 and unique[0]["state"] == "succeeded", f"{unique}")
    events = [e["event"] for e in horolog("describe", plain)["timeline"]]
    check(events == ["failed", "fired", "succeeded"], f"timeline {events}")
    check("no run record" in horolog("describe", "nobody", code=3), "a task that is not there")
    stats = horolog("stats", topic)
    row = stats["tasks"][0]
    counts = [row[name] for name in ("succeeded", "dead", "expired", "attempts")]
    check(counts == [3, 1, 1, 6], f"{row}")
    check({f["error"]: f["attempts"] for f in stats["failures"]} ==
          {"as it was told": 1, "not yet": 1}, f"{stats['failures']}")
    letters = horolog("dlq", "ls", topic)["dead_letters"]
    check([each["fire_id"] for each in letters] == [dead], f"{letters}")


def on_kafka(case, folder):
    with Kafka(folder / "kafka", ["num.partitions=3"]) as kafka, Scheduler(kafka, folder):
        return case(kafka, folder)


def run(results, broker, work, _chosen):
    with Scheduler(broker, work):
        for case in (lifecycle, killed, mixed, by_command, shown, fenced, long_handlers,
                     broker_killed):
            results.run(SUITE, "worker", case.__doc__.rstrip("."), case, broker, work)
    if broker.name != "kafka":
        results.run(SUITE, "on Apache Kafka", killed.__doc__.rstrip("."), on_kafka, killed, work)
