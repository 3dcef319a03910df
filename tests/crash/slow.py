"""Slow and idle clients by the thousand beside a load that must not suffer.

The slow ones send a request one byte a second: the broker ends them when the frame is not whole in
time, and they come back. The idle ones connect and say nothing.
"""
import random
import resource
import selectors
import socket
import struct
import threading
import time

import rig
from harness.results import check

SUITE = "slow"
MEMORY = 512 << 20
FRAME = struct.pack(">ihhih", 4000, 3, 1, 1, 4) + b"slow" + bytes(3988)


class Crowd(threading.Thread):
    """`slow` clients at a byte a second and `idle` ones, until stop()."""

    def __init__(self, port, slow, idle, seed):
        super().__init__(daemon=True)
        self.port = port
        self.rng = random.Random(seed)
        self.ended_by_broker = 0
        self.failure = None
        self.full = threading.Event()
        self._over = threading.Event()
        self._idle = [None] * idle
        self._slow = [None] * slow
        self._sent = [0] * slow

    def _connect(self):
        s = socket.create_connection(("127.0.0.1", self.port), 20)
        s.setblocking(False)
        return s

    def run(self):
        try:
            self._idle = [self._connect() for _ in self._idle]
            self._slow = [self._connect() for _ in self._slow]
            self.full.set()
            while not self._over.is_set():
                self._second()
        except OSError as e:
            self.failure = e
            self.full.set()
        finally:
            for s in self._idle + self._slow:
                if s is not None:
                    s.close()

    def _second(self):
        """A byte from each slow client, spread over a second."""
        began = time.monotonic()
        for n, s in enumerate(self._slow):
            try:
                s.send(FRAME[self._sent[n]:self._sent[n] + 1])
                self._sent[n] += 1
            except (ConnectionError, BrokenPipeError):
                s.close()
                self.ended_by_broker += 1
                self._slow[n] = self._connect()
                self._sent[n] = 0
            if n % 50 == 49:
                ahead = (n + 1) / len(self._slow) - (time.monotonic() - began)
                if ahead > 0:
                    time.sleep(ahead)  # the pace of the clients
        left = 1 - (time.monotonic() - began)
        if left > 0:
            time.sleep(left)

    def stop(self):
        self._over.set()
        if self.ident is not None:
            self.join(60)

    def idle_still_open(self):
        """Idle clients that the broker has not ended."""
        with selectors.DefaultSelector() as chooser:
            for s in self._idle:
                chooser.register(s, selectors.EVENT_READ)
            return len(self._idle) - len(chooser.select(0))


def crowd(results, broker, clients, seconds, seed):
    rig.create_topic(broker, "checked", 4)
    load = rig.Load(broker, "checked", partitions=4, idempotent=1, acks1=0, acksall=1)
    mob = Crowd(broker.port, clients, clients, seed)
    try:
        load.wait_progress(1000)
        alone = load.rate(min(20, seconds))
        mob.start()
        check(mob.full.wait(300) and mob.failure is None,
              f"not all could connect: {mob.failure}\n{broker.tail()}")
        beside = load.rate(seconds)
        check(beside > 0, "the good clients made no progress")
        memory = rig.resident(broker.pid)
        open_ = mob.idle_still_open()
        mob.stop()
        check(mob.failure is None, f"a client could not come back: {mob.failure}")
        report = load.finish()
    finally:
        mob.stop()
        load.kill()
    check(open_ == clients, f"{clients - open_} idle connections were ended")
    check(seconds < 45 or mob.ended_by_broker > 0, "no slow client was ended at its deadline")
    check(memory < MEMORY, f"{memory >> 20} MiB in use")
    results.count(slow_clients=2 * clients)
    rig.count(results, report)
    print(f"    {clients} slow and {clients} idle clients for {seconds} s: good clients "
          f"{alone:.0f}/s alone, {beside:.0f}/s beside them ({100 * beside / alone:.0f} %); "
          f"{mob.ended_by_broker} slow ones ended; {memory / 2**20:.0f} MiB; {report}", flush=True)


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"slow: seed {seed}", flush=True)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * asked.clients + 500
    if hard < wanted:
        results.add(SUITE, "limits", "descriptors", False,
                    f"{wanted} descriptors are needed, the hard limit is {hard} (ulimit -Hn)")
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with make_broker(work / "broker") as broker:
        results.run(SUITE, broker.name, f"2 x {asked.clients} clients (seed {seed})", crowd,
                    results, broker, asked.clients, asked.slow_seconds, seed)
