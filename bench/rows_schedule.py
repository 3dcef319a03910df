"""Rows of the table about the scheduler: what rests, what is restarted, what fires how late."""

import json
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


class Scheduler:
    """horolog-scheduler on its own, beside a broker that schedules nothing."""

    def __init__(self, run, broker):
        self.admin = f"127.0.0.1:{brokers.free_port()}"
        command = [run.bench.parent / "horolog-scheduler", "-b", broker.address, "--admin",
                   self.admin, "--state-dir", run.dir, "--session-timeout-ms", "6000"]
        self.log = open(run.dir / "scheduler.log", "ab")
        self.process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL,
                                        stderr=self.log)

    def anonymous_bytes(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no RssAnon")

    def stop(self):
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


def wait_for(admin, name, value, seconds=600):
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


def quantile(admin, name, q):
    """In ms: the upper edge of the bucket, which is twice its lower one."""
    buckets = [(float(edge), float(count)) for edge, count in
               re.findall(rf'^{name}_bucket{{le="([0-9.e+-]+)"}} (\S+)$', page(admin), re.M)]
    total = metric(admin, f"{name}_count")
    return next((1000 * edge for edge, count in buckets if count >= q * total), float("inf"))


def send(run, broker, commands):
    """Commands as JSON lines through our own client, which knows their partition."""
    path = run.dir / "commands.jsonl"
    with open(path, "w") as out:
        for key, headers in commands:
            line = {"key": key, "value": "x" * PAYLOAD_BYTES,
                    "headers": [{"key": f"horolog-{k}", "value": v} for k, v in headers.items()]}
            out.write(json.dumps(line) + "\n")
    horolog = run.bench.parent / "horolog"
    began = time.monotonic()
    words = [horolog, "produce", "horolog.schedules", "--json", "-l", path, "-b", broker.address]
    subprocess.run(list(map(str, words)), check=True, stdout=subprocess.DEVNULL)
    path.unlink()
    return time.monotonic() - began


def target(run, broker, name="fired"):
    subprocess.run(list(map(str, [run.bench.parent / "horolog", "topic", "create", name, "-p",
                                  PARTITIONS, "-b", broker.address])), check=True,
                   stdout=subprocess.DEVNULL)


def idle_broker(run):
    return brokers.Horolog(run.horologd, run.dir / "horolog",
                           settings=["scheduler.enabled=false"])


def row_pending(run):
    """One-shots over 30 days: how fast they are accepted, what they take, how soon others are ready
    after a kill -9 of the scheduler."""
    count = 200_000 if run.quick else 10_000_000
    rng = random.Random(1)
    with idle_broker(run) as broker:
        with Scheduler(run, broker) as scheduler:
            wait_for(scheduler.admin, "horolog_scheduler_partitions_owned", PARTITIONS)
            before = scheduler.anonymous_bytes()
            target(run, broker)
            sent = send(run, broker, (
                (f"{rng.getrandbits(64):016x}", {"topic": "fired",
                                                 "delay": f"{rng.randint(3600, 2_592_000)}s"})
                for _ in range(count)))
            accepted = sent + wait_for(scheduler.admin, "horolog_scheduler_pending", count, 3600)
            each = (scheduler.anonymous_bytes() - before) / count
            scheduler.process.kill()
            scheduler.process.wait()
            began = time.monotonic()
        with Scheduler(run, broker) as scheduler:
            wait_for(scheduler.admin, "horolog_scheduler_pending", count, 3600)
            restart = time.monotonic() - began
            memory = scheduler.anonymous_bytes() / (1 << 20)
    return (f"{count / accepted:,.0f} commands/s; {each:.0f} bytes each; restart {restart:.1f} s",
            f"{count:,} pending; {memory:.0f} MB after the restart, "
            "which waits for the session of the killed one to end")


def row_burst(run):
    """All due in the same second: until every fire is committed."""
    count = 50_000 if run.quick else 1_000_000
    took = []
    with run.horolog() as broker:
        target(run, broker)
        for n in range(run.repeats):
            fired = metric(broker.admin, "horolog_scheduler_fired_total")
            due = int(time.time() * 1000) + (5_000 if run.quick else 60_000)
            send(run, broker, ((f"burst-{n}-{i}", {"topic": "fired", "at": str(due)})
                               for i in range(count)))
            time.sleep(max(0.0, due / 1000 - time.time()))
            took.append(wait_for(broker.admin, "horolog_scheduler_fired_total", fired + count))
    return f"{spread(took, 1)} s", f"{count:,} due at once"


def row_steady(run):
    """Schedules that fire every second, as many as there are to be fires a second."""
    rate = 2_000 if run.quick else 10_000
    seconds = 5 if run.quick else 30
    name = "horolog_scheduler_fire_lateness_seconds"
    rates = []
    with run.horolog() as broker:
        target(run, broker)
        send(run, broker, ((f"steady-{i}", {"topic": "fired", "every": "1s",
                                            "phase": f"{i * 1000 // rate}ms"})
                           for i in range(rate)))
        wait_for(broker.admin, "horolog_scheduler_fired_total", rate)
        for _ in range(run.repeats):
            fired = metric(broker.admin, "horolog_scheduler_fired_total")
            began = time.monotonic()
            time.sleep(seconds)
            rates.append((metric(broker.admin, "horolog_scheduler_fired_total") - fired) /
                         (time.monotonic() - began))
        p50, p99 = (quantile(broker.admin, name, q) for q in (0.5, 0.99))
        cpu = brokers.cpu_seconds(broker.pid)
    return (f"p50 up to {p50:.0f} ms, p99 up to {p99:.0f} ms",
            f"{statistics.median(rates):,.0f} fires/s; {cpu:.1f} CPU seconds in all")
