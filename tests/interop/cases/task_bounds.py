"""Suite `tasks`, the cases at the edges: what can be remembered out of order, rebalances under long
handlers, poison, dead letters that cannot be written."""
import json
import pathlib
import secrets
import subprocess
import time

from harness.broker import Horologd
from harness.results import check

from .scheduler import Scheduler, kcat, make_topic, until
from .task_rig import GoWorker, PythonWorker, Worker, all_final, attempts, check_exact, finish
from .task_rig import plain_tasks, produce, program, read_all

# What 4,096 bytes of metadata can say: 4 for the mark, 64 for starts, one for Python's NUL, six
# bits in each of the others, whole bytes of them.
REACH = 24_160


def seen_by(work, name):
    """A folder for the marks of workers."""
    folder = pathlib.Path(work) / f"seen-{name}"
    folder.mkdir()
    return folder


def horolog(broker, *words):
    done = subprocess.run([program(broker, "horolog"), *words, "-b", broker.bootstrap],
                          capture_output=True, text=True, timeout=60, check=False)
    check(done.returncode == 0, f"horolog {' '.join(words)}: {done.stderr}")
    return done.stdout


def count_members(broker, group):
    return len(json.loads(horolog(broker, "group", "members", group, "--json"))["members"])


def ended(broker, topic):
    """Offsets of attempts that are over."""
    runs = (json.loads(v) for _, _, _, _, v in read_all(broker, "horolog.runs"))
    return {run["offset"] for run in runs if run.get("target") == topic and
            run["event"] not in ("fired", "started")}


def handed_over(broker, work, topic, payloads, over, heir):
    """A C++ worker is killed when these offsets are over and no more can be; another kind goes on
    from what stands in the metadata, and does nothing twice."""
    horolog(broker, "topic", "create", topic, "-p", "1")
    produce(broker, topic, payloads)
    gates = sum(payload.startswith("gate") for payload in payloads)
    other = f"{topic}-later"
    horolog(broker, "topic", "create", other, "-p", "1")
    worker = Worker(broker, work, topic, topic, gates + 4, seen_by(work, topic))
    worker.command.append(other)
    with worker:
        # Each look reads all run records.
        until("as many ends as can be", lambda: time.sleep(1) or
              len(ended(broker, topic)) >= len(over), 60)
        # Whatever else could start would have done so before a task that came later.
        produce(broker, other, ["ok"])
        until("a later task's end", lambda: ended(broker, other))
        found = ended(broker, topic)
        check(found == over, f"{len(found)} are over, not {len(over)}, up to {max(found)}")
        worker.kill()
    with heir(broker, work, topic, topic) as successor:  # to which a gate is nothing
        tasks = finish(broker, topic, 60)
        successor.stop()
    check(len(tasks) == len(payloads), f"{len(tasks)} tasks")


def bitmap_full(broker, work):
    """Between tasks that do not end, as many end as the metadata can say; Go goes on from there."""
    count, every = REACH + 2_000, 120
    handed_over(broker, work, "bitmap", ["ok" if n % every else "gate open" for n in range(count)],
                {n for n in range(REACH + 1) if n % every}, GoWorker)


def far_runs(broker, work):
    """Few long runs of ends are written as lengths; Python goes on from there."""
    handed_over(broker, work, "runs", ["gate open"] + ["ok"] * 3_000 + ["gate open"] +
                ["ok"] * 1_000, set(range(4_002)) - {0, 3_001}, PythonWorker)


def small_metadata(binary, work):
    """A broker that keeps little metadata: less is done out of order, and nothing twice."""
    folder = pathlib.Path(work) / "small"
    topic, bytes_ = "small", 32
    reach = (bytes_ - 5) * 6 // 8 * 8
    with Horologd(folder, ["num.partitions=1", "scheduler.enabled=true",
                           f"offset.metadata.max.bytes={bytes_}"], binary) as broker:
        seen = seen_by(work, topic)
        until("the scheduler", lambda: "horolog.runs" in kcat(broker, "-L"))
        horolog(broker, "topic", "create", topic, "-p", "1")
        produce(broker, topic, ["gate open"] + ["ok", "until 2", "dead"] * (reach // 2))
        with Worker(broker, work, topic, topic, seen=seen) as worker:
            until("a full bitmap", lambda: len(ended(broker, topic)) >= reach)
            check(max(ended(broker, topic)) <= reach, "more is over than can be written down")
            (seen / "open").touch()
            tasks = finish(broker, topic)
            counted = worker.stop()
        check(counted["transactions_failed"] == 0, f"{counted}")
    return f"{len(tasks)} tasks"


def poisoned(broker, work):
    """Headers that make no sense make a task dead, in every kind of worker; others go on."""
    kinds = {"poison-cpp": Worker, "poison-python": PythonWorker, "poison-go": GoWorker}
    bad = {"horolog-attempt=many": "horolog-attempt", "horolog-max-attempts=0": "max-attempts"}
    workers = []
    try:
        for topic, kind in kinds.items():
            make_topic(broker, topic)
            for header in bad:
                kcat(broker, "-P", "-t", topic, "-H", header, text=header)
            kcat(broker, "-P", "-t", topic, "-H", "horolog-lane=\xff", "-k", "\xfe", text="ok")
            produce(broker, topic, ["ok"] * 10)
            workers.append(kind(broker, work, topic, topic).start())
        for topic in kinds:
            tasks = plain_tasks(broker, topic)
            until(f"{topic}: every end", lambda: all_final(broker, tasks), 60)
            causes = {v: h["horolog-dead-cause"]
                      for _, _, _, h, v in read_all(broker, topic + ".dlq")}
            check(set(causes) == set(bad) and all(bad[v] in causes[v] for v in bad),
                  f"{topic}: {causes}")
            found = attempts(broker, tasks)
            check(all(len(each) == 1 for each in found.values()), f"{topic}: {found}")
    finally:
        for worker in workers:
            worker.kill()


def full_letters(broker, work):
    """A payload that the dead-letter topic does not take stays where it was; the letter says so."""
    topic = "full-letters"
    make_topic(broker, topic)
    horolog(broker, "topic", "create", topic + ".dlq", "-p", "3", "--config",
            "max.message.bytes=1500")
    with Worker(broker, work, topic, topic) as worker:
        produce(broker, topic, ["dead " + secrets.token_hex(2000), "dead small", "ok", "until 2"])
        finish(broker, topic)
        worker.stop()
    letters = sorted((v or "", h) for _, _, _, h, v in read_all(broker, topic + ".dlq"))
    check([v for v, _ in letters] == ["", "dead small"], f"{letters}")
    origin = [v for p, o, _, _, v in read_all(broker, topic)
              if (str(p), str(o)) == (letters[0][1]["horolog-dead-partition"],
                                      letters[0][1]["horolog-dead-offset"])]
    check(len(origin) == 1 and len(origin[0]) > 2000, "the letter does not lead to the payload")


def missing_letters(broker, work):
    """Without its dead-letter topic a task waits, others go on, and it is put aside once."""
    topic = "missing-letters"
    make_topic(broker, topic)
    with Worker(broker, work, topic, topic) as worker:
        finish(broker, topic)
        horolog(broker, "topic", "delete", topic + ".dlq", "--yes")
        produce(broker, topic, ["dead"] + ["ok"] * 20 + ["until 2"])
        tasks = plain_tasks(broker, topic)
        others = {task: v for task, v in tasks.items() if v != "dead"}
        until("the others' ends", lambda: all_final(broker, others))
        check(not all_final(broker, tasks), "a task is over that could not be put aside")
        horolog(broker, "topic", "create", topic + ".dlq", "-p", "3")
        until("the end of the dead one", lambda: all_final(broker, tasks))
        check_exact(broker, topic, tasks)
        worker.stop()


def rebalanced(broker, work):
    """Members come, leave and die under handlers that outlast the session: whoever had a task
    before is fenced."""
    topic = "rebalanced"
    folder = seen_by(work, topic)
    make_topic(broker, topic)
    workers = [Worker(broker, work, topic, topic, seen=folder) for _ in range(3)]
    try:
        workers[0].start()
        produce(broker, topic, ["deaf 7000"] * 6 + ["until 2"] * 6)
        until("the starts", lambda: sum(len(f.read_text().splitlines())
                                        for f in folder.glob("starts-*")) >= 4)
        for number in (1, 2):
            workers[number].start()
            until("its membership", lambda n=number: count_members(broker, topic) == n + 1)
        workers[1].kill()
        tasks = finish(broker, topic, 90)
    finally:
        for worker in workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.kill()
    starts = {}
    for file in sorted(folder.glob("starts-*")):
        for line in file.read_text().splitlines():
            starts.setdefault(tuple(line.split()), set()).add(file.name.split("-")[1])
    for _, _, key, _, value in read_all(broker, "horolog.runs"):
        run = json.loads(value)
        if key in tasks and run["event"] != "started":
            pids = starts.get((key, str(run["attempt"])), set())
            check(run["event"] == "fired" or run["worker"].split("-")[-2] in pids,
                  f"{run} by one that never started it: {pids}")
    twice = sum(len(pids) > 1 for pids in starts.values())
    return f"{len(tasks)} tasks, {twice} attempts handed to a second worker"
