"""Rows of the table about tasks: Horolog's workers, beside asynq on Redis and beside RabbitMQ."""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import time

import brokers
from figures import spread

GO = "/usr/lib/go-1.19/bin/go"
PARTITIONS = 8


class Redis(brokers.Redis):
    """Redis as task queues run it: synced every second. It may be killed and come back."""

    name = "asynq"

    def __init__(self, folder):
        super().__init__(folder, "everysec")

    def kill_and_start(self):
        self.process.kill()
        self.process.wait(60)
        self.process = subprocess.Popen(self.process.args, stdout=subprocess.DEVNULL)
        wait_for_answer(self.address, b"PING\r\n", b"+PONG")


class RabbitMq:
    """Debian's rabbitmq-server with its own defaults, in a folder and on ports of its own."""

    name = "RabbitMQ"
    server = pathlib.Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

    def __init__(self, folder):
        if not self.server.exists():
            raise RuntimeError(f"{self.server} is missing: apt-get install rabbitmq-server (its "
                               "service need not run)")
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / "plugins").write_text("[].\n")
        port, between = brokers.free_port(), brokers.free_port()
        self.address = f"127.0.0.1:{port}"
        self.env = {**os.environ, "HOME": str(self.folder), "ERL_EPMD_ADDRESS": "127.0.0.1",
                    "ERL_EPMD_PORT": str(between), "RABBITMQ_DIST_PORT": str(between + 1),
                    "RABBITMQ_NODENAME": "bench@localhost", "RABBITMQ_NODE_PORT": str(port),
                    "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
                    "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
                    "RABBITMQ_LOG_BASE": str(self.folder / "log"),
                    "RABBITMQ_PID_FILE": str(self.folder / "pid"),
                    "RABBITMQ_CONF_ENV_FILE": os.devnull,
                    "RABBITMQ_CONFIG_FILE": str(self.folder / "none"),
                    "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins")}
        self._start()

    def _start(self):
        self.process = subprocess.Popen([self.server], env=self.env, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        # An old version of the protocol is answered with the one that is spoken.
        wait_for_answer(self.address, b"AMQP\x00\x00\x00\x00", b"AMQP")

    def _end(self, number):
        pid = int((self.folder / "pid").read_text())
        os.kill(pid, number)
        self.process.wait(60)

    def kill_and_start(self):
        self._end(9)
        self._start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self._end(15)
        subprocess.run(["epmd", "-kill"], env=self.env, stdout=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for_answer(address, question, answer, seconds=60):
    host, port = address.split(":")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((host, int(port)), 1) as client:
                client.sendall(question)
                if client.recv(64).startswith(answer):
                    return
        except OSError:
            pass  # not yet
        time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer within {seconds} s")


class Peer:
    """A queue that is not ours: its server, and our program over its client."""

    def __init__(self, run, server, source):
        self.run = run
        self.server = server
        self.folder = run.dir / source
        self.program = run.dir / f"{source}-program"
        if not pathlib.Path(GO).exists():
            raise RuntimeError(f"{GO} is missing: tools/setup.sh --tests installs it")
        # Its own go.sum is checked; nothing newer is fetched.
        subprocess.run([GO, "build", "-o", str(self.program), "."], check=True,
                       cwd=brokers.HERE / "peers" / source,
                       env={**os.environ, "GOTOOLCHAIN": "local"})

    def start(self):
        return self.server(self.folder)

    def command(self, server, part, tasks, rate=0):
        return [str(self.program), server.address, part, str(tasks), str(rate)]

    def measure(self, server, *words):
        done = subprocess.run(self.command(server, *words), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{server.name}: {done.stderr.strip()}")
        result = {"program": f"task-{server.name}", **json.loads(done.stdout)}
        self.run.results.append({"command": list(map(str, words)), **result})
        return result


def peers(run):
    return [Peer(run, Redis, "tasks_asynq"), Peer(run, RabbitMq, "tasks_rabbitmq")]


def task(run, broker, *words):
    return run.load(broker, "task", "--partitions", PARTITIONS, *words)


def row_backlog(run, workers):
    """All tasks are there before the workers start; their handlers do nothing."""
    tasks = 200_000 if run.quick else 1_000_000
    few = 20_000 if run.quick else 100_000
    ours, theirs = [], {}
    others = peers(run)
    for _ in range(run.repeats):
        with run.horolog() as broker:
            ours.append(task(run, broker, "--tasks", tasks, "--workers", workers))
        for peer in others if workers == 1 else ():
            with peer.start() as server:
                theirs.setdefault(server.name, []).append(
                    peer.measure(server, "backlog", few)["tasks_per_s"])
    cpu = statistics.median(one["client_cpu_us_per_task"] + 1e6 * one["broker_cpu_s"] / tasks
                            for one in ours)
    beside = "".join(f"; {name} {statistics.median(rates):,.0f}" for name, rates in theirs.items())
    return (f"{spread((one['tasks_per_s'] / 1000 for one in ours), 1)} k tasks/s",
            f"{cpu:.0f} µs of CPU a task, worker and broker{beside}")


def row_start(run):
    """Open loop at 1,000 tasks a second: due until the handler is called."""
    tasks = 3_000 if run.quick else 20_000
    ours, theirs = [], {}
    others = peers(run)
    for _ in range(run.repeats):
        with run.horolog() as broker:
            ours.append(task(run, broker, "--tasks", tasks, "--rate", 1000)["start_latency"])
        for peer in others:
            with peer.start() as server:
                theirs.setdefault(server.name, []).append(
                    peer.measure(server, "wait", tasks, 1000)["p99_us"] / 1000)
    half = statistics.median(one["p50_us"] for one in ours) / 1000
    beside = "; ".join(f"{name} {statistics.median(p99):.1f} ms" for name, p99 in theirs.items())
    return (f"p99 {spread((one['p99_us'] / 1000 for one in ours), 1)} ms",
            f"p50 {half:.1f} ms, synced before it starts; p99 of {beside}, not synced")


def row_failing(run):
    tasks = 300_000 if run.quick else 1_000_000
    ratios, rates = [], []
    for _ in range(run.repeats):
        with run.horolog() as broker:
            none = task(run, broker, "--tasks", tasks)["tasks_per_s"]
            some = task(run, broker, "--tasks", tasks, "--failing", 100)["tasks_per_s"]
        ratios.append(100 * some / none)
        rates.append(some)
    return (f"{spread(ratios, 0)} %", f"{statistics.median(rates):,.0f} tasks/s until the last "
            "retry is over")


def row_slow_key(run):
    """Ordered by key: tasks of one key wait for one another, the others at 1,000/s do not."""
    slow = 20_000 if run.quick else 100_000
    words = ("--tasks", 3_000 if run.quick else 10_000, "--rate", 1000, "--by-key", "yes",
             "--prefetch", 2 * slow)
    ratios, waits = [], []
    for _ in range(run.repeats):
        with run.horolog() as broker:
            without = task(run, broker, *words)["start_latency"]["p99_us"]
        with run.horolog() as broker:
            behind = task(run, broker, *words, "--slow", slow)["start_latency"]["p99_us"]
        ratios.append(behind / without)
        waits.append(behind / 1000)
    return (f"{spread(ratios)} ×", f"p99 {statistics.median(waits):.1f} ms beside {slow:,} tasks "
            "of the slow key")


def row_killed(run):
    """kill -9 of the others' servers while they accept tasks (ours: tests/crash, 0 lost)."""
    seconds = 1 if run.quick else 3
    said = []
    for peer in peers(run):
        accepted = lost = twice = 0
        for _ in range(run.repeats):
            with peer.start() as server:
                sender = subprocess.Popen(peer.command(server, "enqueue", 100_000_000),
                                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                time.sleep(seconds)
                server.kill_and_start()
                sender.terminate()
                took = json.loads(sender.communicate(timeout=120)[0])["accepted"]
                found = peer.measure(server, "drain", 0)
                accepted += took
                lost += max(0, took - found["distinct"])
                twice += found["twice"]
        said.append(f"{server.name} {lost:,} of {accepted:,} accepted lost, {twice} handled twice")
    return "; ".join(said), f"killed {run.repeats} times each"
