"""Suite `conditions`, the cases with real workers, real lags and topics that go."""
import json
import pathlib
import subprocess

from harness.results import check

from .conditions_rig import accepted, causes, seeds, wait_for
from .scheduler import make_topic, run_records, send, until
from .task_bounds import horolog
from .task_rig import Worker, produce, program, read_all


def ends_of(broker, schedule):
    """Fire id → how that schedule's runs ended, as their workers say."""
    return {run["fire_id"]: run["event"] for run in run_records(broker)
            if run.get("schedule") == schedule and "worker" in run
            and run["event"] not in ("started", "failed")}


def after_work(broker, work):
    """`after` follows what workers make of the runs: the library's and a command's, fan-in too."""
    seeds(broker, "imports", "exports", "reports")
    rules = {"each": ["after import"], "alarm": ["after export failed"], "never": ["after export"],
             "both": ["after import", "after export done"]}
    for key, conditions in rules.items():
        wait_for(broker, f"report-{key}", {"topic": "reports"}, conditions)
    accepted(broker, [f"report-{key}" for key in rules])
    command = [program(broker, "horolog"), "task", "work", "exports", "-b", broker.bootstrap,
               "--exec", "sh -c 'exit 65'"]
    with Worker(broker, work, "imports", "imports") as library, \
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL) as exports:
        try:
            send(broker, "import", {"topic": "imports", "every": "1s", "limit": 3}, "until 2")
            send(broker, "export", {"topic": "exports", "delay": "1s"}, "x")
            until("the runs' ends", lambda: len(ends_of(broker, "import")) == 3 and
                  len(ends_of(broker, "export")) == 1, 60)
            imports, exported = ends_of(broker, "import"), ends_of(broker, "export")
            found = until("the reports", lambda: (f := causes(broker, "reports")) and
                          len(f["report-each"]) >= 3 and f["report-both"] and f["report-alarm"]
                          and f)
        finally:
            exports.terminate()
        library.stop()
    check(set(imports.values()) == {"succeeded"} and set(exported.values()) == {"dead"},
          f"{imports} {exported}")
    check(set(found["report-each"]) == {f"run {one}" for one in imports}, f"{found}, {imports}")
    failed = next(iter(exported))
    check(found["report-alarm"] == [f"run {failed}"], f"{found}, {exported}")
    check(len(found["report-both"]) == 1 and found["report-both"][0] in
          {f"run {one}; run {failed}" for one in imports}, f"{found}")
    check("report-never" not in found, f"{found['report-never']}")


def lag_work(broker, work):
    """`lag` follows a group of workers that falls behind and catches up, twice."""
    topic = "letters"
    seeds(broker, topic, "behind")
    seen = pathlib.Path(work) / "seen-letters"
    seen.mkdir()
    lag = f"lag {topic} {topic}"
    with Worker(broker, work, topic, topic, seen=seen) as worker:
        until("the seed's end", lambda: any(run.get("target") == topic and "worker" in run
                                            for run in run_records(broker)), 60)
        rules = {"above": f"{lag} above 20", "long": f"{lag} above 20 for 2s",
                 "below": f"{lag} below 5"}
        for key, condition in rules.items():
            wait_for(broker, f"lag-{key}", {"topic": "behind"}, [condition])
        accepted(broker, [f"lag-{key}" for key in rules])
        for turn in (1, 2):
            until("having caught up",
                  lambda n=turn: len(causes(broker, "behind")["lag-below"]) >= n)
            produce(broker, topic, [f"gate {turn}"] * 40)
            until("falling behind", lambda n=turn: min(
                len(causes(broker, "behind")[f"lag-{key}"]) for key in ("above", "long")) >= n)
            (seen / str(turn)).touch()
        until("having caught up at last", lambda: len(causes(broker, "behind")["lag-below"]) >= 3)
        worker.stop()
    found = causes(broker, "behind")
    for key, crossings in (("above", 2), ("long", 2), ("below", 3)):
        check(found[f"lag-{key}"] == [f"{lag} #{n + 1}" for n in range(crossings)], f"{found}")


def recreated(broker, _work):
    """A watched topic is deleted and made again: that is said, and the new one is read from its
    beginning."""
    topic = "fleeting"
    seeds(broker, topic, "anew")
    wait_for(broker, "anew-each", {"topic": "anew"}, [f"record {topic}"])
    wait_for(broker, "anew-count", {"topic": "anew"}, [f"count {topic} 3"])
    accepted(broker, ["anew-each", "anew-count"])
    horolog(broker, "topic", "delete", topic, "--yes")
    # Each partition's owner looks for itself, and says so once.
    owners = {p for p, _, key, _, _ in read_all(broker, "horolog.schedules.state")
              if key in ("definition:anew-each", "definition:anew-count")}
    until("the word that it is gone", lambda: owners == {
        p for p, _, _, _, value in read_all(broker, "horolog.runs")
        if (run := json.loads(value))["event"] == "stalled" and run.get("watched") == topic}, 60)
    make_topic(broker, topic)
    produce(broker, topic, ["a", "b"])
    places = [f"{topic}/{p}/{o}" for p, o, *_ in read_all(broker, topic)]

    def done():
        found = causes(broker, "anew")
        return found if len(found["anew-each"]) == 3 and found["anew-count"] else None
    found = until("the fires", done, 40)
    check(sorted(found["anew-each"]) == sorted(f"record {place}" for place in places), f"{found}")
    check(len(found["anew-count"]) == 1 and
          found["anew-count"][0] in [f"count {place} 3" for place in places], f"{found}")
