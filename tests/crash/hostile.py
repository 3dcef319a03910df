"""Malformed requests against a broker that others use: real requests, recorded, then broken.

The load program checks its own records meanwhile. The broker must stay up, its memory must not
grow with the number of frames, and nothing may be lost or doubled for the others.
"""
import collections
import random
import socket
import struct
import subprocess

import proxy
import rig
from harness import paths
from harness.results import check

SUITE = "hostile"
OPEN = 300
GROWTH = 64 << 20

# Every kind of request that an ordinary client sends, on a topic that nobody checks.
TALK = """
import sys, confluent_kafka as c, confluent_kafka.admin as a
at = {'bootstrap.servers': sys.argv[1]}
admin = a.AdminClient(at)
for f in admin.create_topics([a.NewTopic('bait', 1, 1)]).values(): f.result(30)
for f in admin.describe_configs([a.ConfigResource('topic', 'bait')]).values(): f.result(30)
p = c.Producer({**at, 'enable.idempotence': True})
for n in range(20): p.produce('bait', b'x' * 100, b'key')
assert p.flush(30) == 0
g = c.Consumer({**at, 'group.id': 'bait', 'auto.offset.reset': 'earliest'})
g.subscribe(['bait'])
while g.poll(1) is None: pass
g.commit(asynchronous=False)
g.committed([c.TopicPartition('bait', 0)], 30)
g.offsets_for_times([c.TopicPartition('bait', 0, 5)], 30)
g.close()
admin.list_consumer_groups().result(30)
for f in admin.describe_consumer_groups(['bait']).values(): f.result(30)
"""


def record(broker):
    """What TALK sends, one frame a request, without the size. The broker is then stopped."""
    broker.port = broker.port or paths.free_port()
    with proxy.Proxy(broker.port, 0, drop=0.0, delay=0.0) as recorder:
        advertised = f"advertised.listeners=PLAINTEXT://127.0.0.1:{recorder.port}"
        broker.settings.append(advertised)
        broker.start()
        done = subprocess.run([str(rig.clients.confluent().command[0]), "-c", TALK,
                               f"127.0.0.1:{recorder.port}"], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=120, check=False)
        check(done.returncode == 0, done.stdout)
        frames = [f[4:] for f in recorder.recorded]
        broker.stop()
        broker.settings.remove(advertised)
    kinds = {f[:2] for f in frames}
    check(len(kinds) >= 12, f"only {len(kinds)} kinds of requests were recorded")
    return frames


def broken(frames, rng):
    """One real request with something wrong, size in front."""
    body = bytearray(rng.choice(frames))
    way = rng.randrange(7)
    if way == 0:
        body = body[:rng.randrange(len(body))]
    elif way == 1:
        for _ in range(rng.randrange(1, 9)):
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    elif way == 2 and len(body) > 12:  # a count or a length that promises too much
        at = rng.randrange(8, len(body) - 3)
        body[at:at + 4] = rng.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\xff\xff\xff\x0f",
                                      b"\x80\x00\x00\x00", b"\x00\x0f\xff\xff"))
    elif way == 3:  # the version or the API of another request
        struct.pack_into(">h", body, 2 * rng.randrange(2), rng.randrange(-2, 90))
    elif way == 4:
        at = rng.randrange(len(body))
        body[at:at] = rng.randbytes(rng.randrange(1, 200))
    elif way == 5:
        body = bytearray(rng.randbytes(rng.randrange(0, 300)))
    size = len(body)
    if way == 6:
        size = rng.choice((0, -1, -(1 << 31), (1 << 31) - 1, 1 << 30, size + 1, max(0, size - 1)))
    return struct.pack(">i", size) + bytes(body)


def send(broker, frames, count, rng):
    """`count` broken frames, one a connection. Some requests may wait long for their answer (a
    fetch, a join), so connections are left open behind us and ended after OPEN others."""
    left = collections.deque()
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", broker.port), 60)
        try:
            s.sendall(broken(frames, rng))
            if rng.random() < 0.5:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was ended before all of the frame was there
        left.append(s)
        if len(left) > OPEN:
            left.popleft().close()
    for s in left:
        s.close()


def attack(results, broker, frames, count, seed):
    rng = random.Random(seed)
    rig.create_topic(broker, "checked", 4)
    load = rig.Load(broker, "checked", partitions=4, idempotent=1, acks1=0, acksall=1)
    try:
        load.wait_progress(1000)
        send(broker, frames, min(count, 5000), rng)  # buffers and pools reach their size
        before = rig.resident(broker.pid)
        alone = load.rate(3)
        load_before = load.acked()
        send(broker, frames, count, rng)
        check(broker.alive(), f"the broker is gone:\n{broker.tail()}")
        check(load.acked() > load_before, "the others made no progress")
        together = load.rate(3)
        grown = rig.resident(broker.pid) - before
        report = load.finish()
    finally:
        load.kill()
    check(grown < GROWTH, f"memory grew by {grown >> 20} MiB over {count} frames")
    results.count(hostile_frames=count)
    rig.count(results, report)
    print(f"    {count} frames; memory grew by {grown / 2**20:.1f} MiB; the others "
          f"{alone:.0f}/s before, {together:.0f}/s after; {report}", flush=True)


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"hostile: seed {seed}", flush=True)
    broker = make_broker(work / "broker", ["auto.create.topics.enable=false"])
    try:
        frames = results.run(SUITE, broker.name, "real requests of every kind", record, broker)
        if frames:
            with broker:
                results.run(SUITE, broker.name, f"{asked.frames} broken frames (seed {seed})",
                            attack, results, broker, frames, asked.frames, seed)
                results.run(SUITE, broker.name, "stops cleanly", stop, broker)
    finally:
        if broker.pid is not None:
            broker.kill()


def stop(broker):
    check(broker.stop() == 0, f"no clean stop:\n{broker.tail()}")
