"""Rows of the table about the scheduler: what rests, what is restarted, what fires how late."""

import itertools
import json
import pathlib
import random
import re
import statistics
import subprocess
import time
import urllib.request

import brokers
from figures import spread

PAYLOAD_BYTES = 256
PARTITIONS = 8


class MemoryGroup:
    """A memory cgroup that a process is put into: what it uses, its page cache counted."""

    def __init__(self, pid, limit_bytes=None):
        first = pathlib.Path("/sys/fs/cgroup/memory")  # version 1
        self.old = first.is_dir()
        self.path = (first if self.old else pathlib.Path("/sys/fs/cgroup")) / f"horolog-{pid}"
        self.path.mkdir()
        if limit_bytes:
            name = "memory.limit_in_bytes" if self.old else "memory.max"
            (self.path / name).write_text(str(limit_bytes))
        (self.path / "cgroup.procs").write_text(str(pid))

    def used_bytes(self):
        name = "memory.usage_in_bytes" if self.old else "memory.current"
        return int((self.path / name).read_text())

    def remove(self):
        self.path.rmdir()


class Scheduler:
    """horolog-scheduler on its own, beside a broker that schedules nothing."""

    def __init__(self, run, broker, name="scheduler"):
        self.admin = f"127.0.0.1:{brokers.free_port()}"
        command = [run.bench.parent / "horolog-scheduler", "-b", broker.address, "--admin",
                   self.admin, "--state-dir", run.dir / name, "--session-timeout-ms", "6000"]
        self.log = open(run.dir / f"{name}.log", "ab")
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
                                        stderr=self.log)

    def anonymous_bytes(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no RssAnon")

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()


def page(admin):
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        return answer.read().decode()


def metric(admin, name):
    found = re.search(rf"^{name} (\S+)$", page(admin), re.M)
    return float(found[1]) if found else 0.0


def wait_for(admin, name, value, seconds=60):
    """Until a metric has reached the value; how long that took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if metric(admin, name) >= value:
                return time.monotonic() - began
        except OSError:
            pass  # not listening yet
        time.sleep(0.02)
    raise RuntimeError(f"{name} did not reach {value} in {seconds} s")


def send(run, broker, commands):
    """Commands as JSON lines through our own client, which knows their partition."""
    path = run.dir / "commands.jsonl"
    with open(path, "w") as out:
        for key, headers in commands:
            line = {"key": key, "value": "x" * PAYLOAD_BYTES,
                    "headers": [{"key": f"horolog-{k}", "value": v} for k, v in headers.items()]}
            out.write(json.dumps(line) + "\n")
    began = time.monotonic()
    command(run, broker, "produce", "horolog.schedules", "--json", "-l", path)
    path.unlink()
    return time.monotonic() - began


def command(run, broker, *words):
    whole = [run.bench.parent / "horolog", *words, "-b", broker.address]
    subprocess.run(list(map(str, whole)), check=True, stdout=subprocess.DEVNULL)


def target(run, broker, name="fired"):
    command(run, broker, "topic", "create", name, "-p", PARTITIONS, "--if-not-exists")


def every_second(rate, prefix="steady", **more):
    """Schedules that together fire so often, spread over the second."""
    return ((f"{prefix}-{i}", {"topic": "fired", "every": "1s",
                               "phase": f"{i * 1000 // rate}ms", **more}) for i in range(rate))


def seen(run, broker, seconds, **more):
    """What a read_committed reader of the target saw meanwhile."""
    words = [word for name, value in more.items() for word in (f"--{name}", value)]
    return run.load(broker, "lateness", "--seconds", seconds, "--partitions", PARTITIONS, *words)


def idle_broker(run):
    return brokers.Horolog(run.horologd, run.dir / "horolog",
                           settings=["scheduler.enabled=false"])


def random_one_shots(count):
    """Keys and due times in no order, over 30 days."""
    rng = random.Random(1)
    for _ in range(count):
        yield (f"{rng.getrandbits(64):016x}",
               {"topic": "fired", "delay": f"{rng.randint(3600, 2_592_000)}s"})


def row_pending(run):
    """One-shots over 30 days: how fast they are accepted, what they take in a memory cgroup, how
    soon a schedule fires again after a kill -9 of the scheduler and its session."""
    count = run.count(200_000, 10_000_000)
    limit = 512 << 20
    commands = random_one_shots(count)
    with idle_broker(run) as broker:
        target(run, broker)
        with Scheduler(run, broker) as scheduler:
            group = MemoryGroup(scheduler.process.pid, limit)
            wait_for(scheduler.admin, "horolog_scheduler_partitions_owned", PARTITIONS)
            sent = 0.0
            while part := list(itertools.islice(commands, 500_000)):
                sent += send(run, broker, part)
            accepted = sent + wait_for(scheduler.admin, "horolog_scheduler_pending", count, 3600)
            send(run, broker, every_second(8))
            wait_for(scheduler.admin, "horolog_scheduler_fired_total", 8)
            anonymous, used = scheduler.anonymous_bytes(), group.used_bytes()
            scheduler.kill()
        group.remove()
        # The session of the one that was killed is no part of it.
        time.sleep(8)
        began = time.monotonic()
        with Scheduler(run, broker) as scheduler:
            group = MemoryGroup(scheduler.process.pid, limit)
            wait_for(scheduler.admin, "horolog_scheduler_fired_total", 1, 600)
            restart = time.monotonic() - began
            wait_for(scheduler.admin, "horolog_scheduler_pending", count, 3600)
            memory = scheduler.anonymous_bytes()
            scheduler.kill()
        group.remove()
    return (f"{count / accepted:,.0f} commands/s; {used / (1 << 20):.0f} MB; restart to first "
            f"fire {restart:.1f} s",
            f"{count:,} pending in a cgroup of 512 MB, page cache counted; anonymous "
            f"{anonymous / (1 << 20):.0f} MB, after the restart {memory / (1 << 20):.0f} MB")


def row_burst(run):
    """All due in the same second: until every fire is committed."""
    count = run.count(50_000, 1_000_000)
    took = []
    with run.horolog() as broker:
        target(run, broker)
        for n in range(run.repeats):
            fired = metric(broker.admin, "horolog_scheduler_fired_total")
            due = int(time.time() * 1000) + (5_000 if run.quick else 60_000)
            send(run, broker, ((f"burst-{n}-{i}", {"topic": "fired", "at": str(due)})
                               for i in range(count)))
            time.sleep(max(0.0, due / 1000 - time.time()))
            took.append(wait_for(broker.admin, "horolog_scheduler_fired_total", fired + count,
                                 600))
    return f"{spread(took, 1)} s", f"{count:,} due at once"


def steady(run, broker, admin):
    """As many schedules as there are to be fires a second, beside threads that only sleep."""
    rate = 2_000 if run.quick else 10_000
    seconds = 5 if run.quick else 30
    target(run, broker)
    send(run, broker, every_second(rate))
    wait_for(admin, "horolog_scheduler_fired_total", 2 * rate)
    pairs = []
    for _ in range(run.repeats):
        limit = run.limit("timer", "--rate", rate, "--seconds", seconds)
        pairs.append((limit, seen(run, broker, seconds)))
    over = spread(((ours["lateness"]["p99_us"] - limit["lateness"]["p99_us"]) / 1000
                   for limit, ours in pairs), 1)
    limit, p50, p99 = (statistics.median(values) / 1000 for values in zip(*(
        (limit["lateness"]["p99_us"], ours["lateness"]["p50_us"], ours["lateness"]["p99_us"])
        for limit, ours in pairs)))
    rates = statistics.median(ours["fires_per_s"] for _, ours in pairs)
    return (f"+{over} ms",
            f"p50 {p50:.1f}, p99 {p99:.1f} beside {limit:.1f} ms; {rates:,.0f} fires/s")


def row_steady(run):
    with run.horolog() as broker:
        return steady(run, broker, broker.admin)


def row_steady_kafka(run):
    kafka = run.kafka()
    with Scheduler(run, kafka, "scheduler-kafka") as scheduler:
        wait_for(scheduler.admin, "horolog_scheduler_partitions_owned", PARTITIONS)
        measured = steady(run, kafka, scheduler.admin)
        command(run, kafka, "schedule", "rm", "--all", "--yes", "--timeout", "60s")
    return measured


def row_pending_lateness(run):
    """How late is seen what fires, while more and more rests beside it."""
    counts = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)[:3 if run.quick else 5]
    rate = 500 if run.quick else 1_000
    measured, there = [], 0
    with run.horolog() as broker:
        target(run, broker)
        send(run, broker, every_second(rate))
        for count in counts:
            send(run, broker, ((f"rests-{i}", {"topic": "fired", "delay": f"{86_400 + i}s"})
                               for i in range(there, count)))
            there = count
            wait_for(broker.admin, "horolog_scheduler_pending", count + rate, 3600)
            time.sleep(2)
            one = seen(run, broker, 3 if run.quick else 20)["lateness"]
            run.results[-1]["pending"] = count  # for lateness_chart.py
            measured.append(f"{count:,}: {one['p50_us'] / 1000:.1f} / {one['p99_us'] / 1000:.1f}")
    return "; ".join(measured) + " ms", f"p50 / p99 by what is pending, {rate:,} fires/s"


def stored_bytes(topic_folders):
    return sum(file.stat().st_size for folder in topic_folders for file in folder.glob("*.log"))


def row_bytes(run):
    """Of one-shots that were accepted and fired: what stands in all topics for each."""
    count = 20_000 if run.quick else 200_000
    with run.horolog() as broker:
        target(run, broker)
        send(run, broker, ((f"bytes-{i}", {"topic": "fired", "delay": "1s"})
                           for i in range(count)))
        wait_for(broker.admin, "horolog_scheduler_fired_total", count)
        broker.stop()  # which cuts off what was prepared for later
        names = ["fired", *(f"horolog.{n}" for n in ("schedules", "schedules.state", "runs"))]
        sizes = {name: stored_bytes(broker.data.glob(f"{name}-[0-9]*")) / count for name in names}
    return (f"{sum(sizes.values()):,.0f} bytes",
            "; ".join(f"{name} {size:,.0f}" for name, size in sizes.items()))
