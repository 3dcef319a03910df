"""A disk that fails under a running broker: every sync and write is an I/O error from then on.

It must end by itself with exit code 1 and say why; nothing may be acknowledged after the failure,
and a restart on the mended disk must hold everything that was.
"""
import random
import time

import loopfs
import rig
from harness.results import check

SUITE = "eio"


def fail_disk(results, make_broker, work, seed):
    rng = random.Random(seed)
    with loopfs.LoopFs(work, 400) as disk:
        broker = make_broker(work, ["num.partitions=4"])
        broker.data = disk.mount_point / "data"
        with broker:
            rig.create_topic(broker, "eio", 4)
            load = rig.Load(broker, "eio", partitions=4, idempotent=1, acks1=0, acksall=1)
            try:
                load.wait_progress(300)
                time.sleep(rng.random() / 2)
                disk.cut_power()
                check(broker.wait() == 1, f"exit code {broker.exit_code}, not 1:\n{broker.tail()}")
                check("data directory" in broker.tail(40), f"no word of it:\n{broker.tail()}")
                disk.unmount()
                disk.mount()
                broker.start()
                load.wait_progress(300)
                rig.count(results, load.finish())
            finally:
                load.kill()
            check(broker.stop() == 0, "no clean stop afterwards")


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    for n in range(2 * asked.repeat):
        print(f"eio: seed {seed}", flush=True)
        results.run(SUITE, "failing syncs", f"run {n + 1} (seed {seed})", fail_disk, results,
                    make_broker, work / f"{n}", seed)
        results.count(failing_disks=1)
        seed += 1
