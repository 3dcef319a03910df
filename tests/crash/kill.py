"""kill -9 and SIGTERM under load, and kill -9 while the broker is still starting.

Nothing acknowledged may be lost (acks=1 included: it is in the page cache), nothing written twice
by an idempotent producer, offsets stay dense, committed offsets never go back, and what a consumer
has seen stays as it was.
"""
import random
import shutil
import subprocess
import time

import rig
from harness.broker import BrokerError

SUITE = "kill"


def interrupt_start(broker, rng):
    """Starts the broker and kills it after a moment, ready or not."""
    process = subprocess.Popen(broker.command(), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    time.sleep(rng.random() * 0.2)
    process.kill()
    process.wait()


def end(broker, rng):
    """kill -9, and every fifth time a clean stop before it."""
    how = "kill -9"
    if rng.random() < 0.2:
        code = broker.stop()
        if code != 0:
            raise BrokerError(f"exit code {code} after SIGTERM\n{broker.tail()}")
        broker.start()
        how = "SIGTERM, start, kill -9"
    broker.kill()
    return how


def rounds(results, broker, count, seed, starts):
    """Adds to the figures of the run; raises on any violation."""
    rng = random.Random(seed)
    rig.create_topic(broker, f"kill-{seed}", 16)
    load = rig.Load(broker, f"kill-{seed}")
    slowest = 0.0
    try:
        for n in range(count):
            load.wait_progress(1000)
            time.sleep(rng.random() * 0.8)
            how = end(broker, rng)
            results.count(kills=1)
            if starts and rng.random() < 0.2:
                rig.check_data(broker)
            if starts and rng.random() < 0.4:
                for _ in range(rng.randrange(1, 4)):
                    interrupt_start(broker, rng)
                    results.count(kills_while_starting=1)
                how += ", killed again while starting"
            began = time.monotonic()
            broker.start()
            slowest = max(slowest, time.monotonic() - began)
            print(f"    round {n + 1} of {count}: {how}, {load.acked()} acknowledged, ready again "
                  f"after {time.monotonic() - began:.2f} s", flush=True)
        load.wait_progress(1000)
        report = load.finish()
        rig.count(results, report)
    finally:
        load.kill()
    print(f"    {report}; slowest start {slowest:.2f} s", flush=True)


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    done = 0
    while done < asked.kills:
        # A fresh topic for every 10 rounds keeps the final check within memory.
        count = min(10, asked.kills - done)
        print(f"kill: seed {seed}", flush=True)
        with make_broker(work / f"kill-{seed}", ["num.partitions=16"]) as broker:
            results.run(SUITE, broker.name, f"{count} rounds under load (seed {seed})", rounds,
                        results, broker, count, seed, broker.name == "horologd")
        shutil.rmtree(work / f"kill-{seed}" / "data", ignore_errors=True)
        done += count
        seed += 1
