"""A full disk and too few descriptors: refused with a retriable error, nothing lost, no crash."""
import random
import socket
import subprocess

import loopfs
import rig
from harness.results import check

SUITE = "disk"


def full(make_broker, work):
    """Fills a small ext4: writes stop, reads, deletes and commits go on; then space returns."""
    with loopfs.LoopFs(work / "full", 200) as disk:
        broker = make_broker(work / "full", ["horolog.disk.low.bytes=20971520"])
        broker.data = disk.mount_point / "data"
        with broker:
            rig.create_topic(broker, "keep", 1)
            rig.create_topic(broker, "big", 1)
            rig.fill(broker, "keep", 1, 100)
            command = rig.clients.confluent().command[0]
            filler = subprocess.run(
                [str(command), "-c", FILL, broker.bootstrap], stdout=subprocess.PIPE, text=True,
                stderr=subprocess.STDOUT, timeout=180, check=False)
            check("refused" in filler.stdout, f"the disk never got full: {filler.stdout[-500:]}")
            check(broker.alive(), f"the broker is gone:\n{broker.tail()}")
            check(len(rig.values(broker, "keep")) == 100, "reading fails on a full disk")
            held = int(filler.stdout.split("acked ")[1].split()[0])
            check(len(rig.values(broker, "big")) >= held, "acknowledged records are not readable")
            commit = subprocess.run([str(command), "-c", COMMIT, broker.bootstrap], text=True,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                                    check=False)
            check("committed 7" in commit.stdout and "deleted" in commit.stdout, commit.stdout)
            # The deleted topic gives its space back, and writing goes on without a restart.
            again = subprocess.run([str(command), "-c", AGAIN, broker.bootstrap], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180,
                                   check=False)
            check("written" in again.stdout, f"no write after space returned: {again.stdout}\n"
                                             f"{broker.tail()}")
            check(len(rig.values(broker, "keep")) == 101, "the old records are not all there")
            check("low" in broker.tail(400), "the log does not say that the disk is low")
            check(broker.stop() == 0, "no clean stop")


# Writes 64 KiB records until one is refused for good; librdkafka retries retriable errors itself.
FILL = """
import sys, confluent_kafka as c
p = c.Producer({'bootstrap.servers': sys.argv[1], 'message.timeout.ms': 5000, 'acks': 'all',
                'queue.buffering.max.messages': 64, 'linger.ms': 1})
acked, errors = [0], []
def told(e, m):
    if e: errors.append(e)
    else: acked[0] += 1
value = bytes(range(256)) * 256
while not errors and acked[0] < 20000:
    try:
        p.produce('big', value, on_delivery=told)
    except BufferError:
        p.poll(0.5)
    p.poll(0)
p.flush(30)
print('refused' if errors else 'never refused', [str(e) for e in errors[:2]], 'acked', acked[0])
"""
COMMIT = """
import sys, confluent_kafka as c, confluent_kafka.admin as a
g = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'full', 'enable.auto.commit': False})
g.commit(offsets=[c.TopicPartition('keep', 0, 7)], asynchronous=False)
print('committed', g.committed([c.TopicPartition('keep', 0)], 30)[0].offset)
admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})
for f in admin.delete_topics(['big']).values():
    f.result(60)
print('deleted')
"""
AGAIN = """
import sys, confluent_kafka as c
p = c.Producer({'bootstrap.servers': sys.argv[1], 'message.timeout.ms': 120000})
errors = []
p.produce('keep', b'100', on_delivery=lambda e, m: errors.append(e) if e else None)
print('stuck' if p.flush(150) or errors else 'written', errors)
"""


def descriptors(make_broker, work, limit):
    """More partitions and connections than descriptors: it goes on serving, and recovers."""
    broker = make_broker(work / f"nofile-{limit}", prefix=["prlimit", f"--nofile={limit}:{limit}"])
    with broker:
        rig.create_topic(broker, "wide", 40)
        sockets = []
        for _ in range(limit + 50):
            try:
                s = socket.create_connection(("127.0.0.1", broker.port), 2)
                s.settimeout(2)
                sockets.append(s)
            except OSError:
                break
        check(broker.alive(), f"the broker is gone:\n{broker.tail()}")
        for s in sockets:
            s.close()
        rig.fill(broker, "wide", 40, 20)
        for p in (0, 20, 39):
            held = rig.values(broker, "wide", p)
            check(len(held) == 20, f"partition {p} holds {len(held)} of 20")
        check(broker.stop() == 0, f"no clean stop:\n{broker.tail()}")


def run(results, make_broker, work, asked):
    for n in range(asked.repeat):
        results.run(SUITE, "full disk", f"run {n + 1}", full, make_broker, work / f"{n}")
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"disk: seed {seed}", flush=True)
    rng = random.Random(seed)
    for limit in [128] + [rng.randrange(64, 512) for _ in range(asked.limits - 1)]:
        results.run(SUITE, "descriptors", f"RLIMIT_NOFILE {limit}", descriptors, make_broker, work,
                    limit)
