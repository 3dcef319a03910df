"""Suite `tasks`: tasks are worked on, retried, put aside and marked complete."""
import collections
import json
import os
import random
import signal
import time
from concurrent import futures

from harness.broker import Kafka
from harness.results import check

from .scheduler import Scheduler, make_topic, send, until
from .task_bounds import bitmap_full, far_runs, full_letters, missing_letters, poisoned, rebalanced
from .task_bounds import count_members, small_metadata
from .task_commands import by_command, held_back, shown, steered
from .task_deaths import crashing, crashing_mixed
from .task_headers import headers_heeded
from .task_rig import GoWorker, PythonWorker, Worker, attempts, finish, plain_tasks, produce
from .task_rig import read_all, wanted

SUITE = "tasks"


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
               if json.loads(v)["event"] == "started" and json.loads(v)["target"] == topic]
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


def who_worked(broker, topic):
    tasks = plain_tasks(broker, topic)
    runs = (json.loads(v) for _, _, key, _, v in read_all(broker, "horolog.runs") if key in tasks)
    names = (("C++" if "group" in run else run["worker"]) for run in runs if "worker" in run)
    return collections.Counter("Go" if "-go-" in name else name if name == "C++" else "Python"
                               for name in names)


def mixed(broker, work, count=200):
    """C++, Python and Go workers share a group; one of each is killed on the way."""
    topic, group = "mixed-tasks", "mixed-workers"
    make_topic(broker, topic)
    workers = [Worker(broker, work, group, topic), PythonWorker(broker, work, group, topic),
               GoWorker(broker, work, group, topic)]
    dice = random.Random(8)
    try:
        for worker in workers:
            worker.start()
        for turn in range(4):
            produce(broker, topic, [dice.choice(("ok", "slow 20", "until 2", "fail", "dead"))
                                    for _ in range(count // 4)])
            time.sleep(0.5 + dice.random())
            if turn > 0:
                workers[turn - 1].kill()
                workers[turn - 1].start()
        # A worker that is slow to join finds work as well.
        until("every kind's work", lambda: len(who_worked(broker, topic)) == 3 or
              produce(broker, topic, ["ok"] * 10), 60)
        tasks = finish(broker, topic, 120)
        who = who_worked(broker, topic)
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
    with Worker(broker, work, topic, topic, 2) as first:
        produce(broker, topic, ["slow 100", "until 2", "ok", "dead"] * (count // 4))
        tasks = plain_tasks(broker, topic)
        until("the first one's work", lambda: attempts(broker, tasks), 60)
        os.kill(first.process.pid, signal.SIGSTOP)
        with Worker(broker, work, topic, topic, 2):
            until("both as members", lambda: count_members(broker, topic) == 2)
            until("the end of the stopped one's session",
                  lambda: count_members(broker, topic) == 1)
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


def overlapping(broker, work):
    """Overlap cancel-other: the running task is asked to stop, and the next one fires."""
    topic = "overlapping"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic) as worker:
        send(broker, "overlapping", {"topic": topic, "every": "3s", "limit": 2,
                                     "overlap": "cancel-other", "max-attempts": 1}, "slow 30000")

        def ends():
            runs = [json.loads(v) for _, _, _, _, v in read_all(broker, "horolog.runs")]
            return [run["event"] for run in runs if run.get("schedule") == "overlapping"
                    and run["event"] in ("cancel-requested", "stopped", "fired")]
        until("the second fire", lambda: ends().count("fired") == 2, 40)
        check(sorted(ends()) == ["cancel-requested", "fired", "fired", "stopped"], f"{ends()}")
        worker.kill()


def broker_killed(broker, work, count=300):
    """The broker is killed with -9 under the workers."""
    topic = "broker-killed-tasks"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic), Worker(broker, work, topic, topic):
        dice = random.Random(9)
        for _ in range(2):
            before = set(plain_tasks(broker, topic))
            produce(broker, topic, [dice.choice(("ok", "slow 20", "slow 50", "until 2", "dead"))
                                    for _ in range(count // 2)])
            fresh = set(plain_tasks(broker, topic)) - before
            until("the work to be under way", lambda ids=fresh: len(attempts(broker, ids)) > 10)
            broker.kill()
            broker.start()
        tasks = finish(broker, topic, 120)
    return f"{len(tasks)} tasks"


def held_back_all(broker, work):
    """A paused topic's tasks do not start and a cancelled one ends so, in C++, Python and Go."""
    kinds = {"held-cpp": Worker, "held-python": PythonWorker, "held-go": GoWorker}
    with futures.ThreadPoolExecutor(len(kinds)) as pool:
        list(pool.map(lambda topic: held_back(broker, work, kinds[topic](broker, work, topic,
                                                                         topic)), kinds))


def on_kafka(case, folder):
    settings = ["num.partitions=3", "group.initial.rebalance.delay.ms=0"]
    with Kafka(folder / "kafka", settings) as kafka, Scheduler(kafka, folder):
        return case(kafka, folder)


def run(results, broker, work, _chosen):
    def row(case, *more):
        results.run(SUITE, "worker", " ".join(case.__doc__.split()).rstrip("."), case,
                    *(more or (broker, work)))
    with Scheduler(broker, work):
        for case in (lifecycle, killed, mixed):
            row(case)
        waiting = (rebalanced, far_runs, fenced, long_handlers, missing_letters, overlapping,
                   poisoned, full_letters, by_command, shown, steered, held_back_all, crashing,
                   crashing_mixed, headers_heeded)
        # These mostly wait.
        with futures.ThreadPoolExecutor(len(waiting)) as pool:
            list(pool.map(row, waiting))
        for case in (broker_killed, bitmap_full):
            row(case)
    if broker.name != "kafka":
        row(small_metadata, broker.binary, work)
        results.run(SUITE, "on Apache Kafka", killed.__doc__.rstrip("."), on_kafka, killed, work)
