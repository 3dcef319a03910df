"""kill -9 of schedulers and broker at random while 1,000 schedules a second fire, with updates,
cancels, pauses and manual fires between them (tests/proof/load.py). An independent checker
(tests/proof/checker.py) reads along: each nominal time is fired once, or named in a run record.
"""
import contextlib
import random
import shutil
import subprocess
import sys
import time

import rig
from cases import scheduler as plain
from harness import broker as brokers
from harness import clients, driver, paths
from harness.results import CaseError, check

SUITE = "fires"
PROOF = rig.HERE.parent / "proof"
TARGETS = [f"fires-{n}" for n in range(4)]
SETTINGS = ["num.partitions=3", "group.min.session.timeout.ms=500"]
SESSION = ("--session-timeout-ms", "1500")
CHAPTER = 20  # rounds in one data directory: what is remembered stays small
PROGRESS = 300  # fires between two kills, at least


class Proof:
    """The checker and the load while they run."""

    def __init__(self, broker, seed, steady, rate):
        python = clients.python_env()
        folder = brokers_folder(broker)
        self.checker = driver.Driver([python, PROOF / "checker.py"], "watch",
                                     bootstrap=broker.bootstrap, targets=",".join(TARGETS),
                                     cron=folder / "cron_times")
        self.load = None
        try:
            self.checker.wait_for(lambda lines: lines, 60, "the checker's start")
            self.load = driver.Driver([python, PROOF / "load.py"], "drive",
                                      bootstrap=broker.bootstrap, targets=",".join(TARGETS),
                                      steady=steady, rate=rate, seed=seed)
            self.load.wait_for(lambda lines: lines, 120, "the steady schedules")
        except BaseException:
            self.kill()
            raise

    def ask(self, line, timeout=120):
        self.checker.pump()
        before = len(self.checker.lines)
        with contextlib.suppress(BrokenPipeError):  # why it ended is said below
            self.checker.process.stdin.write(f"{line}\n".encode())
            self.checker.process.stdin.flush()
        self.checker.wait_for(lambda lines: len(lines) > before, timeout, line)
        return self.checker.lines[-1]

    def fires(self):
        return self.ask("count")["counts"].get("fires", 0)

    def wait_progress(self, more=PROGRESS, seconds=90):
        wanted = self.fires() + more
        plain.until(f"{more} more fires", lambda: self.fires() >= wanted, seconds)

    def verdict(self, seconds=180):
        """Ends the load; what is still on its way is waited for. Gives the checker's counts."""
        self.load.close_input()
        last = self.load.finish()[-1]["at"]
        end = time.monotonic() + seconds
        while True:
            said = self.ask(f"judge {last}")
            if said["wrong"] == 0:
                return said["counts"]
            if time.monotonic() > end:
                raise CaseError(f"{said['wrong']} faults up to {last}, such as:\n"
                                + "\n".join(said["such"]))
            time.sleep(1)

    def kill(self):
        for process in (self.load, self.checker):
            if process is not None and process.process.poll() is None:
                process.kill()


def brokers_folder(broker):
    return getattr(broker, "binary", paths.default_binary()).parent


class Inside:
    """The scheduler in the broker; they die together."""

    def __init__(self, broker, _folder):
        self.broker = broker

    def kill_some(self, _dice):
        self.broker.kill()
        self.broker.start()
        return "the broker"

    def end(self):
        pass


class Beside:
    """Two horolog-schedulers; one of them, both, the broker or all are killed."""

    def __init__(self, broker, folder):
        self.broker = broker
        self.ways = ["one", "one", "both", "broker", "all"]
        if broker.name == "kafka":
            self.ways = ["one", "one", "one", "both", "broker"]  # its start takes seconds
        self.all = [plain.Scheduler(broker, folder, f"scheduler-{n}", SESSION).start()
                    for n in range(2)]

    def kill_some(self, dice):
        way = dice.choice(self.ways)
        dead = {"one": [dice.choice(self.all)], "broker": []}.get(way, self.all)
        for scheduler in dead:
            scheduler.end()
        if way in ("broker", "all"):
            self.broker.kill()
            self.broker.start()
        for scheduler in dead:
            scheduler.start()
        return way

    def end(self):
        for scheduler in self.all:
            if scheduler.process is not None and scheduler.process.poll() is None:
                scheduler.end()


def rounds(results, broker, folder, kind, count, seed, steady):
    """The kills; raises when the checker finds anything."""
    dice = random.Random(seed)
    for topic in TARGETS:
        plain.make_topic(broker, topic)
    system = kind(broker, folder)
    proof = None
    try:
        plain.until("the scheduler's topics", lambda: "horolog.runs" in plain.kcat(broker, "-L"))
        proof = Proof(broker, seed, steady, rate=40)
        for n in range(count):
            proof.wait_progress()
            time.sleep(dice.random())  # the moment of the kill is drawn, nothing waits for it
            began = time.monotonic()
            who = system.kill_some(dice)
            results.count(fire_kills=1)
            print(f"    round {n + 1} of {count}: {who} killed, started again after "
                  f"{time.monotonic() - began:.2f} s, {proof.fires()} fires", flush=True)
        proof.wait_progress()
        counts = proof.verdict()
        check(counts.get("forwarded", 0) > 0, f"no command was forwarded: {counts}")
        results.count(fires_checked=counts["fires"])
        print(f"    {counts}", flush=True)
    finally:
        if proof is not None:
            proof.kill()
        system.end()


def run_one(results, asked, work, target, kind, count, seed):
    done = 0
    while done < count:
        now = min(CHAPTER, count - done)
        folder = work / f"{target}-{kind.__name__}-{seed + done}"
        settings = SETTINGS + (["scheduler.enabled=true"] if kind is Inside else [])
        with brokers.make_broker(target, folder, settings, asked.binary,
                                 brokers.KAFKA_TO_KILL) as broker:
            good = results.run(SUITE, kind.__doc__.split(";")[0], f"{now} kills on {target} (seed "
                               f"{seed + done})", rounds, results, broker, folder, kind, now,
                               seed + done, asked.steady)
        if good:
            shutil.rmtree(folder / "data", ignore_errors=True)
        done += now


def self_test():
    said = subprocess.run([sys.executable, str(PROOF / "self_test.py")], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(said.returncode == 0, said.stdout)


def run(results, _make_broker, work, asked):
    results.run(SUITE, "the checker", "sees each fault", self_test)
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"fires: seed {seed}", flush=True)
    for target, kind, count in (("horologd", Inside, (asked.fires + 1) // 2),
                                ("horologd", Beside, asked.fires // 2),
                                ("kafka", Beside, asked.kafka_fires)):
        if count > 0:
            run_one(results, asked, work, target, kind, count, seed)
