"""Suite `tasks`, the cases of the `horolog task` commands."""
import json
import os
import pathlib
import signal
import subprocess
import time

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
    for words, count in ((("dlq", "retry", topic), 1), (("dlq", "retry", topic, "--execute"), 1),
                         (("dlq", "retry", topic, "--execute"), 0)):
        rows = horolog(*words)["retried"]
        check(sum(row["tasks"] for row in rows) == count, f"{words}: {rows}")
    again = [h for _, _, _, h, v in read_all(broker, topic) if v == "dead"]
    check(len(again) == 2 and again[-1].get("horolog-lane") == "eu" and
          "horolog-fire-id" not in again[-1], f"{again}")
