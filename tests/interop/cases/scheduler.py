"""Suite `scheduler`: horolog-scheduler on a broker, driven and read by kcat alone. What a kill -9
does to it is the suite `fires` of tests/crash.

The checker shares nothing with the scheduler: it knows only that a rule `every 1s` wants each whole
second, and reads the targets and the run records with read_committed.
"""
import collections
import json
import os
import pathlib
import signal
import subprocess
import threading
import time

from harness import broker as brokers
from harness import paths
from harness.results import PATIENCE, check

SUITE = "scheduler"
CLIENT = "horolog-scheduler"
INSIDE = "horologd"
SEPARATOR = "\x01"


class Scheduler:
    """One horolog-scheduler process; it may come and go."""

    def __init__(self, broker, folder, name="scheduler", options=()):
        binary = pathlib.Path(getattr(broker, "binary", paths.default_binary())).parent / CLIENT
        self.command = [str(binary), "-b", broker.bootstrap, "--admin", "", *options]
        self.log_path = pathlib.Path(folder) / f"{name}.log"
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log,
                                            stdin=subprocess.DEVNULL, text=True)
        lines = []
        reader = threading.Thread(target=lambda: lines.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(60)
        check(lines and lines[0].startswith("ready"), f"no ready line but {lines}")
        return self

    def end(self, number=signal.SIGKILL):
        os.kill(self.process.pid, number)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end()


def kcat(broker, *words, text=None):
    done = subprocess.run(["kcat", "-b", broker.bootstrap, *words], input=text,
                          capture_output=True, text=True, timeout=60)
    check(done.returncode == 0, f"kcat {' '.join(words)}: {done.stderr[-300:]}")
    return done.stdout


def send(broker, key, headers, value="payload"):
    """A command: `kcat -P -k KEY -H … <<< VALUE`; without a value, a cancel, as send_many()."""
    if value is None:
        send_many(broker, [(key, headers, "")])
        return
    words = [w for name, v in headers.items() for w in ("-H", f"horolog-{name}={v}")]
    kcat(broker, "-P", "-t", "horolog.schedules", "-k", key, *words, text=value)


def send_many(broker, commands):
    """Many commands, one kcat for those of the same headers. An empty value is sent as null, which
    cancels: `kcat -P -K SEPARATOR -Z <<< KEY SEPARATOR` (with -k, kcat sends no empty message)."""
    by_headers = collections.defaultdict(list)
    for key, headers, value in commands:
        by_headers[tuple(sorted(headers.items()))].append(f"{key}{SEPARATOR}{value}")
    for headers, lines in by_headers.items():
        words = [w for name, v in headers for w in ("-H", f"horolog-{name}={v}")]
        null = ["-Z"] if lines[0].endswith(SEPARATOR) else []
        kcat(broker, "-P", "-t", "horolog.schedules", "-K", SEPARATOR, *words, *null,
             text="\n".join(lines))


def read(broker, topic):
    """Every committed record: (headers, value)."""
    out = kcat(broker, "-C", "-t", topic, "-o", "beginning", "-e", "-q",
               "-X", "isolation.level=read_committed", "-f", f"%h{SEPARATOR}%s\n")
    rows = []
    for line in out.splitlines():
        headers, _, value = line.partition(SEPARATOR)
        pairs = (h.partition("=") for h in headers.split(",") if h)
        rows.append(({name.removeprefix("horolog-"): v for name, _, v in pairs}, value))
    return rows


def until(what, condition, seconds=30):
    """Polls `condition` and gives its first true value."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        check(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.2)


def make_topic(broker, name):
    kcat(broker, "-P", "-t", name, "-k", "seed", text="seed")
    until(f"topic {name}", lambda: len(read(broker, name)) == 1)


def fires(broker, topic):
    return [(h, v) for h, v in read(broker, topic) if "fire-id" in h]


def run_records(broker):
    return [json.loads(v) for _, v in read(broker, "horolog.runs")]


def by_hand(broker, work):
    """at, delay, every and cron; replace; cancel; a refusal with its column."""
    topic = "by-hand"
    make_topic(broker, topic)
    now = int(time.time() * 1000)
    send(broker, "at", {"topic": topic, "at": now + 2000, "key": "eu"}, "at")
    send(broker, "delay", {"topic": topic, "delay": "2s"}, "delay")
    send(broker, "every", {"topic": topic, "every": "1s", "limit": 3}, "every")
    send(broker, "cron", {"topic": topic, "cron": "* * * * * *", "limit": 2,
                          "timezone": "Europe/Berlin"}, "cron")
    send(broker, "replaced", {"topic": topic, "delay": "1h"}, "old")
    send(broker, "replaced", {"topic": topic, "delay": "1s"}, "new")
    send(broker, "cancelled", {"topic": topic, "delay": "4s"}, "never")
    send(broker, "cancelled", {}, None)
    send(broker, "bad", {"topic": topic, "cron": "0 7 * * NEVER"}, "never")
    wanted = {"at": 1, "delay": 1, "every": 3, "cron": 2, "new": 1}
    until("the fires", lambda: collections.Counter(v for _, v in fires(broker, topic)) == wanted)
    send(broker, "last", {"topic": topic, "delay": "3s"}, "last")
    until("what would be fired wrongly", lambda: any(v == "last" for _, v in fires(broker, topic)))
    found = collections.Counter(v for _, v in fires(broker, topic))
    check(found == wanted | {"last": 1}, f"fired {dict(found)}")
    ids = [h["fire-id"] for h, _ in fires(broker, topic)]
    check(len(ids) == len(set(ids)), "a fire id occurs twice")
    refused = [r for r in run_records(broker) if r["event"] == "rejected"]
    check([r["schedule"] for r in refused] == ["bad"] and refused[0]["column"] == 9,
          f"rejected {refused}")


def check_exactly_once(broker, topic, keys, first, last):
    """Each whole second in (first, last] of each key is fired once, or named in a run record."""
    seen = collections.Counter()
    ids = collections.Counter()
    for headers, _ in fires(broker, topic):
        if headers["schedule"] not in keys:
            continue
        seen[headers["schedule"], int(headers["nominal-time"])] += 1
        ids[headers["fire-id"]] += 1
    twice = [place for place, n in seen.items() if n > 1]
    check(not twice, f"{len(twice)} nominal times fired twice, such as {twice[:3]}")
    check(max(ids.values()) == 1, "a fire id occurs twice")
    named = collections.defaultdict(set)
    history = set()
    for run in run_records(broker):
        if run.get("schedule") not in keys:
            continue
        if run["event"] == "fired":
            history.add(run["fire_id"])
        if run["event"] in ("missed", "skipped"):
            end = run.get("until_ms", run["nominal_ms"])
            named[run["schedule"]].update(range(run["nominal_ms"], end + 1, 1000))
    check(history == set(ids), f"{len(history ^ set(ids))} fires differ between target and runs")
    lost = [(key, second) for key in keys for second in range(first + 1000, last + 1, 1000)
            if not seen[key, second] and second not in named[key]]
    check(not lost, f"{len(lost)} nominal times are neither fired nor named, such as {lost[:3]}")
    return f"{len(ids)} fires, none twice, none lost"


def load(broker, topic, count, seconds):
    """Schedules that fire every second until a common end; gives keys, first and last second."""
    make_topic(broker, topic)
    last = int(time.time()) * 1000 + seconds * 1000
    headers = {"topic": topic, "every": "1s", "end": last, "catch-up": "all"}
    keys = [f"{topic}-{n}" for n in range(count)]
    send_many(broker, [(key, headers, "load") for key in keys])
    first = (int(time.time()) + 1) * 1000
    return keys, headers, first, last


def wait_for_end(broker, topic, keys, last, seconds=60):
    def done():
        return {h["schedule"] for h, _ in fires(broker, topic)
                if int(h["nominal-time"]) == last} >= set(keys)
    rejected = [r for r in run_records(broker) if r["event"] == "rejected"
                and r.get("schedule") in keys]
    check(not rejected, f"commands for {topic} were rejected, such as {rejected[:1]}")
    until(f"the last fire of every schedule for {topic}", done, seconds)


def wait_for_fires(broker, topic, count):
    """So many of those that there are to be: not so many more than now, which is when it may have
    made up for everything already."""
    until(f"{count} fires", lambda: len(fires(broker, topic)) >= count)


def shared(broker, work, count=50):
    """The broker's own scheduler and another share the partitions; the other is killed."""
    topic = "shared"
    with Scheduler(broker, work, "other") as other:
        keys, _, first, last = load(broker, topic, count, 14)
        until("a partition of the other scheduler",
              lambda: "partition taken over" in other.log_path.read_text())
        other.end()
        wait_for_end(broker, topic, keys, last)
        return check_exactly_once(broker, topic, keys, first, last)


def stopped(broker, count=20):
    """A clean stop of the broker ends what its scheduler has begun."""
    topic = "stopped"
    keys, _, first, last = load(broker, topic, count, 8)
    wait_for_fires(broker, topic, 2 * count)
    check(broker.stop() == 0, f"the broker did not stop cleanly\n{broker.tail()}")
    broker.start()
    wait_for_end(broker, topic, keys, last)
    return check_exactly_once(broker, topic, keys, first, last)


def inside(results, broker, work):
    """The same by the scheduler inside the broker."""
    folder = pathlib.Path(work) / "inside"
    own = brokers.Horologd(folder, ["num.partitions=3", "scheduler.enabled=true"], broker.binary)
    with own:
        results.run(SUITE, INSIDE, "kcat schedules, replaces, cancels", by_hand, own, folder)
        results.run(SUITE, INSIDE, "a clean stop", stopped, own)
        results.run(SUITE, INSIDE, "shared with horolog-scheduler", shared, own, folder)


def taken_over(broker, work, count=50):
    """Two share the partitions; one is stopped longer than its session, then goes on."""
    topic = "taken-over"
    with Scheduler(broker, work, "first") as first_one, Scheduler(broker, work, "second") as other:
        keys, _, first, last = load(broker, topic, count, 16)
        wait_for_fires(broker, topic, 2 * count)

        def takeovers():
            return other.log_path.read_text().count("partition taken over")
        before = takeovers()
        os.kill(first_one.process.pid, signal.SIGSTOP)
        until("a takeover by the other", lambda: takeovers() > before)
        os.kill(first_one.process.pid, signal.SIGCONT)
        wait_for_end(broker, topic, keys, last)
        return check_exactly_once(broker, topic, keys, first, last)


def run(results, broker, work, _chosen):
    with Scheduler(broker, work):
        results.run(SUITE, CLIENT, "kcat schedules, replaces, cancels", by_hand, broker, work)
    results.run(SUITE, CLIENT, taken_over.__doc__.rstrip("."), taken_over, broker, work)
    if broker.name == "horologd":
        inside(results, broker, work)
