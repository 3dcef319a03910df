"""Suite `tasks`: what a task's headers ask of every kind of worker (tools/TASKS.md)."""
import collections
import json
from concurrent import futures

from harness.results import check

from .scheduler import kcat, until
from .task_bounds import horolog
from .task_rig import FINAL, GoWorker, PythonWorker, Worker, read_all

# Payload → headers and the events of its attempts.
ASKED = {
    "fail once": (["max-attempts=1"], ["dead"]),
    "slow 20000": (["timeout=300ms", "max-attempts=1"], ["dead"]),
    "ok in time": (["expires=P1DT2H", "priority=0", "lane=eu"], ["succeeded"]),
    "ok too late": (["expires=1000"], ["expired"]),
    "ok too late for RFC 3339": (["expires=2001-02-03T04:05:06Z"], ["expired"]),
    "until 2": (["backoff=1500ms"], ["failed", "succeeded"]),
    "ok but odd": (["priority=10"], ["dead"]),
    "ok but never": (["timeout=soon"], ["dead"]),
}


def runs_by_payload(broker, topic):
    """What workers wrote, in the order of the attempts and of their events."""
    every = [json.loads(value) for _, _, _, _, value in read_all(broker, "horolog.runs")]
    payloads = {o: v for _, o, _, _, v in read_all(broker, topic)}
    found = collections.defaultdict(list)
    for run in every:
        if run.get("target") == topic and "worker" in run:
            found[payloads[run["offset"]]].append(run)
    for runs in found.values():
        runs.sort(key=lambda run: (run["attempt"], run["event"] != "started"))
    return found


def ended(broker, topic, payloads):
    found = runs_by_payload(broker, topic)
    return found if all(any(run["event"] in FINAL for run in found[each])
                        for each in payloads) else None


def kept(broker, work, kind, topic, announces):
    horolog(broker, "topic", "create", topic, "-p", "1")
    with kind(broker, work, topic, topic) as worker:
        for payload, (headers, _) in ASKED.items():
            kcat(broker, "-P", "-t", topic, *[w for h in headers for w in ("-H", f"horolog-{h}")],
                 text=payload)
        kcat(broker, "-P", "-t", topic, text="slow 1500")
        found = until(f"{topic}: every end", lambda: ended(broker, topic, [*ASKED, "slow 1500"]),
                      60)
        for payload, (_, events) in ASKED.items():
            seen = [run["event"] for run in found[payload] if run["event"] != "started"]
            check(seen == events, f"{topic}: {payload}: {seen}, not {events}")
        first, second = (run for run in found["until 2"] if run["event"] != "started")
        waited = second["started_ms"] - first["at_ms"]
        check(waited >= 1500 * 0.8, f"{topic}: the backoff was {waited} ms")
        events = [run["event"] for run in found["slow 1500"]]
        check(events == ["started"] * announces + ["succeeded"], f"{topic}: {events}")
        if kind is not PythonWorker:
            chosen(broker, topic, worker)
        worker.stop()


def chosen(broker, topic, worker):
    """The one with the highest priority starts before most of those that wait."""
    horolog(broker, "task", "pause", topic)
    until("the worker's word", lambda: "is paused" in worker.log.read_text())
    low = [f"slow {500 + n}" for n in range(20)]
    kcat(broker, "-P", "-t", topic, "-H", "horolog-priority=1", text="\n".join(low))
    kcat(broker, "-P", "-t", topic, "-H", "horolog-priority=9", text="ok high")
    horolog(broker, "task", "resume", topic)
    found = until(f"{topic}: the ends", lambda: ended(broker, topic, [*low, "ok high"]), 60)
    high = found["ok high"][0]["started_ms"]
    before = [each for each in low if found[each][0]["started_ms"] < high]
    # Four at a time; some are under way before the last one is fetched.
    check(len(before) < 16, f"{topic}: {before} started before the one with the highest priority")


def headers_heeded(broker, work):
    """Attempts, backoff, time limits, expiry and priorities are heeded in C++, Python and Go."""
    kinds = ((Worker, "asked-cpp", True), (PythonWorker, "asked-python", False),
             (GoWorker, "asked-go", True))
    with futures.ThreadPoolExecutor(len(kinds)) as pool:
        list(pool.map(lambda each: kept(broker, work, *each), kinds))
