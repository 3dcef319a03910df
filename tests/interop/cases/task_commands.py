"""Suite `tasks`, the cases of the `horolog task` commands."""
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

from harness.results import check

from .scheduler import kcat, make_topic, until
from .task_rig import FINAL, Worker, all_final, plain_tasks, produce, program, read_all

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
    """`horolog task work` runs a command per task; exit codes decide; SIGTERM, or two, drains."""
    topic = "commands"
    make_topic(broker, topic)
    kcat(broker, "-P", "-t", topic, "-H", "shoe-size=43", text="ok")
    produce(broker, topic, ["crash", "poison", "other"])
    seen = pathlib.Path(work) / "seen"
    seen.touch()
    script = pathlib.Path(work) / "task.sh"
    script.write_text(SCRIPT)
    run = [program(broker, "horolog"), "task", "work", topic, "-b", broker.bootstrap, "--json",
           "--max-attempts", "2", "--backoff", "100ms", "--concurrency", "2",
           "--min-concurrency", "1", "--metrics-port", "0"]
    with subprocess.Popen([*run, "--exec", f"exec sh {script}"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          env={**os.environ, "SEEN": str(seen)}) as process:
        try:
            def letters():
                return {v: h for _, _, _, h, v in read_all(broker, topic + ".dlq")}
            tasks = plain_tasks(broker, topic)
            while (line := process.stderr.readline()) and "metrics at " not in line:
                pass
            address = line.split("metrics at ")[1].strip()
            until("every task's end", lambda: all_final(broker, tasks))
            until("the metrics", lambda: 'horolog_worker_attempts_total{state="dead"} 4' in
                  urllib.request.urlopen(address, timeout=10).read().decode())
            process.send_signal(signal.SIGTERM)
            while "finishing" not in (line := process.stderr.readline()):
                check(line, "it ended without a word")
            # As timeout(1) does, which tells the process and its group.
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


def tool(broker):
    """Calls `horolog task …`: gives what it printed as JSON, or, where it is to fail, its error."""
    def horolog(*words, code=0, stdin=None):
        family = [] if words[0] in ("check", "produce") else ["task"]
        done = subprocess.run([program(broker, "horolog"), *family, *words, "-b",
                               broker.bootstrap, "--json"], capture_output=True, text=True,
                              input=stdin, timeout=60, check=False)
        check(done.returncode == code, f"{words}: {done.returncode}: {done.stderr}{done.stdout}")
        if words[:2] == ("dlq", "export"):
            return [json.loads(line) for line in done.stdout.splitlines()]
        return json.loads(done.stdout) if code == 0 or words[0] == "check" else done.stderr
    return horolog


def state_of(horolog, task):
    """"" before its first run record."""
    rows = horolog("ls", "--limit", "1000000")["tasks"]
    found = [row for row in rows if row["fire_id"] == task]
    return found[0]["state"] if found else ""


def held_back(broker, work, worker):
    """A paused topic's tasks do not start, a cancelled one ends so, then the rest goes on."""
    topic = worker.topic
    horolog = tool(broker)
    make_topic(broker, topic)
    with worker:
        seen = horolog("submit", topic, "ok")["fire_id"]
        until("the first task's end", lambda: state_of(horolog, seen) == "succeeded", 60)
        paused = horolog("pause", topic, "--reason", "moving")["topics"]
        check([(t["topic"], t["reason"]) for t in paused if t["topic"] == topic] ==
              [(topic, "moving")], f"{paused}")
        until("the worker's word", lambda: "is paused" in worker.log.read_text())
        first = horolog("submit", topic, "ok")["fire_id"]
        second = horolog("submit", topic, "ok")["fire_id"]
        outcome = horolog("cancel", first, "--reason", "not now", "--timeout", "2s")["cancelled"]
        check(outcome[0]["outcome"] == "noted", f"{outcome}")
        check(state_of(horolog, second) == "", "a task of a paused topic ended")
        horolog("resume", topic)
        until("the rest", lambda: state_of(horolog, second) == "succeeded")
        until("the cancel", lambda: state_of(horolog, first) == "cancelled")
        refused = horolog("cancel", first, code=6)
        check("it is cancelled since" in refused, refused)
        worker.stop()
    controls = [key for _, _, key, _, value in read_all(broker, "horolog.tasks")
                if key == f"cancel:{first}"]
    check(len(controls) == 2, "the cancel was not taken back by who heeded it")


def steered(broker, work):
    """`horolog task retry`, cancel, discard, dlq export and check do what they say, once."""
    topic = "steered"
    make_topic(broker, topic)
    horolog = tool(broker)

    def ends(task, state):
        until(f"{task} is {state}", lambda: state_of(horolog, task) == state)

    with Worker(broker, work, "steered-workers", topic) as worker:
        failing = horolog("submit", topic, "until 2", "--backoff", "1h")["fire_id"]
        unwanted = horolog("submit", topic, "fail", "--backoff", "1h")["fire_id"]
        dead = horolog("submit", topic, "dead", "--lane", "eu")["fire_id"]
        ends(failing, "retrying")
        check(horolog("retry", failing)["retried"][0]["outcome"] == "now", "it was not due")
        ends(failing, "succeeded")
        check("it is done since" in horolog("retry", failing, code=6), "a done one was retried")
        ends(unwanted, "retrying")
        horolog("cancel", unwanted)
        ends(unwanted, "cancelled")
        ends(dead, "dead")
        check(horolog("check", "task", topic, "--crit-dead", "1", code=2)["status"] == "CRITICAL",
              "a dead task is not critical")
        again = horolog("retry", dead)["retried"][0]["fire_id"]
        ends(again, "dead")
        check(f"sent again as {again}" in horolog("retry", dead, code=6), "retried twice")
        exported = horolog("dlq", "export", topic)
        check([row["value"] for row in exported] == ["dead"], f"{exported}")
        names = {h["key"]: h["value"] for h in exported[0]["headers"]}
        check(names["horolog-dead-fire-id"] == again and names["horolog-lane"] == "eu", f"{names}")
        horolog("discard", again, "--reason", "nobody wants it")
        check(state_of(horolog, again) == "discarded", "it is not discarded")
        check("is discarded since" in horolog("discard", again, code=6), "discarded twice")
        check(horolog("dlq", "retry", topic)["retried"] == [], "a settled letter would be sent")
        check(all(row["settled"] for row in horolog("dlq", "ls", topic)["dead_letters"]),
              "a letter is not settled")
        horolog("produce", stdin=json.dumps(exported[0]) + "\n")
        until("the exported one's end", lambda: len(horolog("dlq", "export", topic)) == 1)
        check(horolog("check", "task", topic)["status"] == "OK", "not OK without limits")
        worker.stop()
    planned = horolog("submit", topic, "ok", "--delay", "1h")["schedule"]
    check(horolog("cancel", planned)["cancelled"][0]["outcome"] == "unplanned", "it was planned")
    check("no task and no schedule" in horolog("cancel", planned, code=3), "cancelled twice")
    for words, code, said in (
            (("submit", topic, "x", "--max-attempts", "0"), 2, "--max-attempts 0: the first"),
            (("submit", topic, "x", "--backoff", "0.1ms"), 2, "--backoff is below a millisecond"),
            (("submit", "no-such-topic", "x"), 3, "no-such-topic"),
            (("pause", "no-such-topic"), 3, "no-such-topic"),
            (("retry", "nobody"), 3, "no run record"),
            (("work", topic, "--exec", "true", "--max-attempts", "0"), 2, "1 means no retry"),
            (("work", topic, "--exec", "true", "--backoff", "0"), 2, "--backoff is below")):
        refused = horolog(*words, code=code)
        check(said in refused, f"{words}: {refused}")


def shown(broker, work):
    """`horolog task submit`, ls, describe, stats and dlq ls agree with what happened."""
    topic = "shown"
    make_topic(broker, topic)
    horolog = tool(broker)
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
    for words, count in ((("dlq", "retry", topic), 1), (("dlq", "retry", topic, "--execute"), 1),
                         (("dlq", "retry", topic, "--execute"), 0)):
        rows = horolog(*words)["retried"]
        check(sum(row["tasks"] for row in rows) == count, f"{words}: {rows}")
    again = [h for _, _, _, h, v in read_all(broker, topic) if v == "dead"]
    check(len(again) == 2 and again[-1].get("horolog-lane") == "eu" and
          "horolog-fire-id" not in again[-1], f"{again}")
