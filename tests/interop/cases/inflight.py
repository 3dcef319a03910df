"""Suite `inflight`: idempotent producers with five batches in flight while the broker goes away.

All clients stream at once, each to its own topic. The broker is stopped with SIGTERM, killed with
SIGKILL at random moments, and killed right after it was frozen with full sockets. In the end each
topic must hold 0, 1, 2 … n-1 exactly once and in order.
"""
import random
import signal
import time

from harness import clients as known
from harness import driver
from harness.results import check

SUITE = "inflight"
ROUNDS = ("SIGTERM", "kill -9", "kill -9", "frozen, then kill -9", "frozen, then SIGTERM")


def acked(d):
    d.pump()
    counts = [x["acked"] for x in d.lines if "acked" in x]
    return counts[-1] if counts else 0


def wait_progress(streams, step):
    """Until every stream has `step` more acknowledgements than it had."""
    before = {d: acked(d) for d in streams.values()}
    for d in streams.values():
        d.wait_for(lambda _, d=d: acked(d) >= before[d] + step, 120,
                   lambda d=d: f"progress beyond {acked(d)} acknowledged records")


def interrupt(broker, how, rng):
    if how.startswith("frozen"):
        broker.signal(signal.SIGSTOP)
        time.sleep(0.3)  # not a synchronisation: lets the producers fill their windows
    if how.endswith("kill -9"):
        broker.kill()
    else:
        broker.signal(signal.SIGTERM)
        if how.startswith("frozen"):
            broker.signal(signal.SIGCONT)
        broker.stop()
    time.sleep(rng.random() / 4)
    broker.start()


def drive(broker, streams, rng):
    for how in ROUNDS:
        wait_progress(streams, 200)
        time.sleep(rng.random() / 2)
        interrupt(broker, how, rng)
        print(f"    {how}: acknowledged so far "
              f"{ {n: acked(d) for n, d in streams.items()} }", flush=True)
    wait_progress(streams, 200)


def verify(broker, topic, stream):
    done = stream.finish(300)[-1]["done"]
    lines = driver.run(known.confluent().command, "values", bootstrap=broker.bootstrap, topic=topic,
                       timeout=120)
    values = [int(v) for x in lines for v in x["values"]]
    check(sorted(set(values)) == list(range(done)),
          f"{done} acknowledged but {len(set(values))} different values in the topic")
    check(len(values) == done, f"{len(values) - done} duplicates")
    check(values == sorted(values), "the records are out of order")


def run(results, broker, _work, chosen):
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"inflight: seed {seed}", flush=True)
    rng = random.Random(seed)
    streams = {}
    for client in chosen:
        if "stream" in client.lacks:
            continue
        topic = "inflight-" + "".join(c if c.isalnum() else "-" for c in client.name)
        driver.run(known.confluent().command, "fill", bootstrap=broker.bootstrap, topic=topic,
                   partitions=1, count=0, base=0, create=1)
        streams[client.name] = driver.Driver(client.command, "stream", window=5, topic=topic,
                                             bootstrap=broker.bootstrap)
    try:
        if results.run(SUITE, "broker", f"{len(ROUNDS)} interruptions", drive, broker, streams,
                       rng):
            for d in streams.values():
                d.close_input()
            for name, d in streams.items():
                topic = "inflight-" + "".join(c if c.isalnum() else "-" for c in name)
                results.run(SUITE, name, "no loss, no duplicate", verify, broker, topic, d)
    finally:
        for d in streams.values():
            if d.process.poll() is None:
                d.kill()
