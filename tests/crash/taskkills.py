"""Suite `taskkills`: workers, brokers and schedulers are killed under tasks that also do harm.

Four kinds of worker share a group: the library's, `horolog task work --exec`, and the examples in
Python and Go. Each round sends tasks and does one kind of harm; task_checker.py, which shares
nothing with any of them, then says whether each task was worked on exactly once.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import threading
import time

import proxy
import rig  # noqa: F401  (sets the path to the harness)
from cases import scheduler, task_rig
from harness import clients, paths
from harness.results import CaseError, check

SUITE = "taskkills"
TOPIC = GROUP = "work"
PER_ROUND = 30
MOMENTS = {"asks": "before its commit", "answer": "between its commit and the answer",
           "answered": "after its commit"}
FINISH_SECONDS = 60  # from one task's end to the next
# What a killed worker leaves open holds the others back no longer than this.
SETTINGS = ["num.partitions=6", "offsets.topic.num.partitions=4",
            "transaction.state.log.num.partitions=4",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms=500"]
SCRIPT = """IFS=' ' read -r word number
case "$word" in
fail) echo as it was told; exit 1 ;;
dead) echo as it was told; exit 65 ;;
until) [ "$HOROLOG_TASK_ATTEMPT" -ge "$number" ] ;;
throw) exec python3 -c "$CORRUPT" ;;
slow) sleep "0.0$number" ;;
hang) sleep 30 ;;
exit) if mkdir "$HOROLOG_SEEN/exit-$HOROLOG_TASK_FIRE_ID" 2>/dev/null; then kill -9 "$PPID"; fi ;;
esac
"""
# Overwrites what the allocator keeps in front of a block, then gives the block back.
CORRUPT = """import ctypes
c = ctypes.CDLL(None)
c.malloc.restype, c.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
block = c.malloc(64)
ctypes.memset(block - 16, 0xff, 80)
c.free(block)
"""


class ExecWorker(task_rig.Worker):
    """`horolog task work --exec`: a crash of the command harms only its task."""

    def __init__(self, broker, work, seen):
        super().__init__(broker, work, "exec", TOPIC, seen=seen)
        self.env["CORRUPT"] = CORRUPT
        script = pathlib.Path(work) / "task.sh"
        script.write_text(SCRIPT)
        self.command = [task_rig.program(broker, "horolog"), "task", "work", TOPIC, "--group",
                        GROUP, "--name", "exec", "-b", broker.bootstrap, "--max-attempts", "3",
                        "--backoff", "200ms", "--max-backoff", "1s", "--concurrency", "4", "--exec",
                        f"exec sh {script}"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        check(code == 0, f"horolog task work ended with {code}: "
              f"{self.log.read_text(errors='replace')[-800:]}")


class Ambush:
    """Kills the first of these processes that comes to a moment of its transaction."""

    def __init__(self):
        self.lock = threading.Lock()
        self.moment = None
        self.pids = ()
        self.victim = None
        self.hit = threading.Event()

    def arm(self, moment, pids):
        with self.lock:
            self.moment, self.pids, self.victim = moment, pids, None
            self.hit.clear()

    def disarm(self):
        with self.lock:
            self.moment = None

    def __call__(self, port, moment):
        with self.lock:
            if moment != self.moment:
                return True
            pid = owner(port, self.pids)
            if pid is None:
                return True
            self.moment, self.victim = None, pid
        os.kill(pid, signal.SIGKILL)
        self.hit.set()
        return False


def owner(port, pids):
    """Which of the processes holds the connection from this port of loopback."""
    rows = [line.split() for line in open("/proc/net/tcp").read().splitlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in rows if int(row[1].split(":")[1], 16) == port}
    for pid in pids:
        try:
            held = {os.readlink(fd) for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue  # it has just ended, or closed a file
        if held & inodes:
            return pid
    return None


class Field:
    """The broker behind its proxy, a scheduler of its own beside it, and the workers."""

    def __init__(self, broker, front, work, dice):
        self.broker, self.dice, self.work = broker, dice, work
        self.ambush = front.at_end_txn = Ambush()
        self.seen = work / "seen"
        self.seen.mkdir()
        self.scheduler = scheduler.Scheduler(broker, work).start()
        scheduler.kcat(broker, "-L", "-t", TOPIC)
        self.workers = [task_rig.Worker(broker, work, GROUP, TOPIC, seen=self.seen),
                        ExecWorker(broker, work, self.seen),
                        task_rig.PythonWorker(broker, work, GROUP, TOPIC),
                        task_rig.GoWorker(broker, work, GROUP, TOPIC)]
        self.sent = work / "sent"
        self.order, self.turn, self.done = [], 0, []

    def send(self, name, words=()):
        """One round's tasks; a key and a payload each."""
        mix = ["ok"] * 8 + ["slow 20", "slow 50", "until 2", "fail", "dead", "throw"]
        tasks = [(f"{name}-{n}", self.dice.choice(mix)) for n in range(PER_ROUND)]
        tasks += [(f"{name}-exit", "exit")] if "exit" in words else []
        limited = [(f"{name}-hang", "hang 2000")] if "hang" in words else []
        for some, headers in ((tasks, ()), (limited, ("timeout=300ms", "max-attempts=2"))):
            if some:
                words = [word for each in headers for word in ("-H", f"horolog-{each}")]
                # A repeated send after a lost answer must not make a second task.
                scheduler.kcat(self.broker, "-P", "-t", TOPIC, "-K", "=", *words, "-X",
                               "enable.idempotence=true",
                               text="".join(f"{key}={payload}\n" for key, payload in some))
        with open(self.sent, "a") as out:
            out.writelines(f"{key} {payload}\n" for key, payload in tasks + limited)

    def revive(self):
        """Starts again who has gone: killed, by its own task, or by giving up."""
        for worker in self.workers:
            if worker.process is None or worker.process.poll() is not None:
                worker.start()

    def kill_in_handler(self):
        victim = self.dice.choice(self.workers)
        victim.kill()
        return "a worker killed"

    def ambushed(self, moment):
        if not self.ambush.hit.wait(1.5):  # the chosen have nothing to do
            self.ambush.arm(moment, [worker.process.pid for worker in self.workers])
            self.send(f"{self.turn}-more")
        hit = self.ambush.hit.wait(5)
        self.ambush.disarm()
        if not hit:
            return f"{self.kill_in_handler()}: none came to a commit in time"
        for worker in self.workers:
            if worker.process.pid == self.ambush.victim:
                worker.process.wait(30)
        return f"a worker killed {MOMENTS[moment]}"

    def kill_broker(self):
        self.broker.kill()
        self.broker.start()
        return "the broker killed, with its scheduler if it has one"

    def kill_scheduler(self):
        self.scheduler.end()
        self.scheduler.start()
        return "the separate scheduler killed"

    def stop_for_a_session(self):
        """The stopped one goes on in a thread, so that the rounds go on as well."""
        victim = self.dice.choice(self.workers)
        process = victim.process
        process.send_signal(signal.SIGSTOP)
        timer = threading.Timer(11, lambda: process.poll() is None and
                                process.send_signal(signal.SIGCONT))
        timer.daemon = True
        timer.start()
        return "a worker stopped for longer than its session"

    def round(self, turn):
        # Every kind has its turn in any ten rounds; which comes when is the dice's.
        harms = [self.kill_in_handler, self.kill_broker, self.kill_scheduler,
                 self.kill_in_handler, *MOMENTS, *MOMENTS]
        if turn % len(harms) == 0:
            self.order = self.dice.sample(harms, len(harms))
        self.turn, harm = turn, self.order[turn % len(harms)]
        if harm in MOMENTS:
            pids = [worker.process.pid for worker in self.workers]
            self.ambush.arm(harm, self.dice.sample(pids, 2))
        self.send(turn, {1: ["exit"], 3: ["hang"]}.get(turn % 4, []))
        if harm in MOMENTS:
            said = self.ambushed(harm)
        else:
            time.sleep(self.dice.random() * 0.5)
            said = harm()
        if turn % 20 == 10:
            said += "; " + self.stop_for_a_session()
        self.done.append(said)
        print(f"  round {turn}: {said}", flush=True)
        self.revive()

    def finish(self):
        """Until the checker is content; workers that a task ends are started again meanwhile."""
        checker = subprocess.Popen(
            [clients.python_env(), pathlib.Path(__file__).with_name("task_checker.py"),
             self.broker.bootstrap, TOPIC, GROUP, self.sent, str(FINISH_SECONDS)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while checker.poll() is None:
            self.revive()
            time.sleep(0.2)
        out, err = checker.communicate()
        check(checker.returncode == 0, err)
        return json.loads(out)

    def end(self):
        for process in [*(w.process for w in self.workers), self.scheduler.process]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait(30)


def one_run(results, make_broker, work, asked, seed):
    settings = list(SETTINGS)
    if asked.target == "horologd":
        settings += ["scheduler.enabled=true"]
    broker = make_broker(work, settings)
    broker.port = paths.free_port(2)
    field = None
    with proxy.Proxy(broker.port, seed, drop=0.02, delay=0.05,
                     apis=frozenset({proxy.END_TXN})) as front:
        broker.settings.append(f"advertised.listeners=PLAINTEXT://127.0.0.1:{front.port}")
        with broker:
            try:
                field = Field(broker, front, work, random.Random(seed))
                field.revive()
                for turn in range(asked.task_rounds):
                    field.round(turn)
                front.drop = 0.0
                found = field.finish()
                for worker in field.workers:
                    worker.stop()
            except CaseError as e:
                raise CaseError(f"{e}\nrounds: {field.done if field else ''}") from e
            finally:
                if field is not None:
                    field.end()
            idle = {"c++", "exec", "python", "go"} - set(found)
            check(not idle or asked.task_rounds < 10, f"no work by {idle}: {found}")
            never = [text for text in MOMENTS.values()
                     if not any(said.startswith(f"a worker killed {text}") for said in field.done)]
            check(not never or asked.task_rounds < 40, f"nobody was killed {never}")
    results.count(task_kills=asked.task_rounds, tasks=found["tasks"],
                  task_attempts=found["attempts"])
    ended = len(list(field.seen.glob("exit-*")))
    print(f"  {found}; {asked.task_rounds} kills, {ended} workers ended by their tasks, "
          f"{front.dropped} answers to EndTxn lost", flush=True)


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"taskkills: seed {seed}", flush=True)
    results.run(SUITE, "four kinds of worker", f"{asked.task_rounds} rounds (seed {seed})",
                one_run, results, make_broker, work, asked, seed)
