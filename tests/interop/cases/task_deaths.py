"""Suite `tasks`, the cases of tasks that kill the worker that starts them."""
from harness.results import check

from .scheduler import until
from .task_bounds import horolog
from .task_rig import GoWorker, PythonWorker, Worker, all_final, check_exact, plain_tasks, produce
from .task_rig import read_all


def lives(broker, work, topic, kinds):
    """One worker after the other works until it dies or everything is over; gives the deaths."""
    horolog(broker, "topic", "create", topic, "-p", "1")
    # The slow ones are under way when it dies, and are innocent.
    produce(broker, topic, ["ok"] * 20 + ["slow 300", "crash", "slow 300"] + ["ok"] * 10 +
            ["until 2"])
    tasks = plain_tasks(broker, topic)
    deaths = 0
    for kind in kinds:
        worker = kind(broker, work, topic, topic)
        worker.env["HOROLOG_MAX_DEATHS"] = "3"
        with worker:
            until(f"life {deaths + 1}", lambda one=worker: one.process.poll() is not None or
                  all_final(broker, tasks), 60)
            if worker.process.poll() is None:
                break
            deaths += 1
    check(all_final(broker, tasks), f"after {deaths} deaths it is still not put aside")
    check_exact(broker, topic, tasks)
    causes = [h["horolog-dead-cause"] for _, _, _, h, _ in read_all(broker, topic + ".dlq")]
    check(len(causes) == 1 and causes[0].startswith("worker died 3 times"), f"{causes}")
    return deaths


def crashing(broker, work):
    """A task that kills whoever starts it is put aside, and no other: first at will, then among a
    few, then by itself."""
    deaths = lives(broker, work, "crashing", [Worker] * 4)
    check(deaths == 3, f"{deaths} deaths")


def crashing_mixed(broker, work):
    """Workers in C++ and Python count each other's deaths, and Go puts aside what they counted."""
    # The first Python worker counts for the slow task: that was the first that was not over.
    deaths = lives(broker, work, "crashing-mixed",
                   [Worker, Worker, PythonWorker, PythonWorker, GoWorker])
    check(deaths == 4, f"{deaths} deaths")
