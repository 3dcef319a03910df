"""Power cuts: a loop ext4 is shut down under load, so that everything unsynced is gone.

Idempotent acks=all producers go on over every cut (their retries meet batches that survived), a
consumer and a committer run along. Nothing acknowledged may be lost, no offset that a consumer saw
may change, no commit may go back.
"""
import random
import time

import loopfs
import rig

SUITE = "powercut"


def cut(disk, broker):
    disk.cut_power()
    broker.kill()
    disk.unmount()
    disk.mount()


def rounds(results, make_broker, work, count, seed):
    rng = random.Random(seed)
    with loopfs.LoopFs(work / f"power-{seed}", 1500) as disk:
        broker = make_broker(work / f"power-{seed}", ["num.partitions=16"])
        broker.data = disk.mount_point / "data"
        with broker:
            rig.create_topic(broker, "power", 16)
            load = rig.Load(broker, "power", idempotent=3, acks1=0, acksall=1)
            try:
                for n in range(count):
                    load.wait_progress(300)
                    time.sleep(rng.random() * 0.7)
                    cut(disk, broker)
                    results.count(cuts=1)
                    if rng.random() < 0.2:
                        rig.check_data(broker)
                    began = time.monotonic()
                    broker.start()
                    print(f"    cut {n + 1} of {count}: {load.acked()} acknowledged, ready again "
                          f"after {time.monotonic() - began:.2f} s", flush=True)
                load.wait_progress(300)
                report = load.finish()
                rig.count(results, report)
            finally:
                load.kill()
            saved = len(list(broker.data.glob("*/*.cut-*")))
            print(f"    {report}; {saved} torn tails saved as .cut-N", flush=True)
            broker.stop()
            rig.check_data(broker, 0, "last stop: clean")


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    done = 0
    while done < asked.cuts:
        count = min(20, asked.cuts - done)
        print(f"powercut: seed {seed}", flush=True)
        results.run(SUITE, asked.target, f"{count} cuts under load (seed {seed})", rounds,
                    results, make_broker, work, count, seed)
        done += count
        seed += 1
