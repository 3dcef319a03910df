"""A proxy between clients and the broker that loses answers.

Of the answers to Produce requests (or to those of other APIs) some never arrive, and the connection
ends there. What the client had already sent is still delivered to the broker, late: after it has
come back on another connection and sent it again. Requests and answers may also be slow. Everything
else passes as is.
"""
import asyncio
import random
import struct
import threading

from harness import paths

PRODUCE = 0
END_TXN = 26
# Produce, Fetch, OffsetFetch, InitProducerId, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn and
# TxnOffsetCommit.
OF_TRANSACTIONS = frozenset({PRODUCE, 1, 9, 22, 24, 25, 26, 28})
RECORDED = 500


class Proxy:
    """Listens on loopback in a thread of its own; use as a context manager."""

    def __init__(self, upstream_port, seed, drop=0.3, delay=0.1, apis=frozenset({PRODUCE})):
        self.upstream_port = upstream_port
        self.port = paths.free_port()
        self.drop = drop
        self.delay = delay
        self.apis = apis  # whose answers may be lost, and which may be slow
        self.answers = 0  # to requests of these
        self.dropped = 0
        self.late_requests = 0  # delivered after their client's connection was gone
        self.recorded = []  # the first requests, for whoever wants to see real ones
        # Called in the proxy's thread with the client's port and "asks", "answer" or "answered" as
        # an EndTxn goes through; what it says False to goes no further.
        self.at_end_txn = lambda port, moment: True
        self._rng = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._serving = set()  # the loop itself holds tasks only weakly
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        if not self._ready.wait(20):
            raise RuntimeError("the proxy does not listen")
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 24))
        self._ready.set()
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader, writer):
        self._serving.add(asyncio.current_task())
        try:
            broker = await asyncio.open_connection("127.0.0.1", self.upstream_port, limit=1 << 24)
        except OSError:
            writer.transport.abort()
            return
        connection = _Connection(self, reader, writer, *broker)
        try:
            await connection.run()
        except asyncio.CancelledError:
            pass  # the proxy ends
        finally:
            self._serving.discard(asyncio.current_task())
            writer.transport.abort()
            broker[1].transport.abort()

    def chance(self, probability):
        return self._rng.random() < probability

    async def pause(self, longest):
        await asyncio.sleep(self._rng.random() * longest)


async def read_frame(reader):
    """A frame with its size in front, or None at the end of the stream."""
    try:
        size = await reader.readexactly(4)
        return size + await reader.readexactly(struct.unpack(">i", size)[0])
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


class _Connection:
    """One client connection and the broker connection that belongs to it."""

    def __init__(self, proxy, client, to_client, broker, to_broker):
        self.proxy = proxy
        self.client, self.to_client = client, to_client
        self.broker, self.to_broker = broker, to_broker
        self.requests = asyncio.Queue()
        self.chosen = set()  # correlation ids whose answers may be lost
        self.ending = set()  # those of EndTxn
        self.client_port = to_client.get_extra_info("peername")[1]
        self.cut = False

    async def run(self):
        taker = asyncio.ensure_future(self._take_requests())
        sender = asyncio.ensure_future(self._send_requests())
        await self._pass_answers()
        if self.cut:
            await self.proxy.pause(0.2)
        taker.cancel()
        self.requests.put_nowait(None)
        await sender

    async def _take_requests(self):
        while True:
            frame = await read_frame(self.client)
            if frame is None:
                break
            self.requests.put_nowait(frame)
        self.requests.put_nowait(None)

    async def _send_requests(self):
        while True:
            frame = await self.requests.get()
            if frame is None:
                break
            if len(self.proxy.recorded) < RECORDED:
                self.proxy.recorded.append(frame)
            key, _, correlation = struct.unpack_from(">hhi", frame, 4)
            if key in self.proxy.apis:
                self.chosen.add(correlation)
                if self.proxy.chance(self.proxy.delay):
                    await self.proxy.pause(0.03)
                if self.cut:
                    self.proxy.late_requests += 1
            if key == END_TXN:
                self.ending.add(correlation)
                if not self.proxy.at_end_txn(self.client_port, "asks"):
                    return
            self.to_broker.write(frame)
            try:
                await self.to_broker.drain()
            except ConnectionError:
                return
        if not self.cut and self.to_broker.can_write_eof():
            try:
                self.to_broker.write_eof()
            except OSError:
                pass  # the broker was killed

    async def _pass_answers(self):
        """Until the broker ends the connection or an answer is lost."""
        while True:
            frame = await read_frame(self.broker)
            if frame is None:
                return
            correlation = struct.unpack_from(">i", frame, 4)[0]
            if correlation in self.chosen:
                self.chosen.discard(correlation)
                self.proxy.answers += 1
                if self.proxy.chance(self.proxy.drop):
                    self.proxy.dropped += 1
                    self.cut = True
                    self.to_client.transport.abort()
                    return
                if self.proxy.chance(self.proxy.delay):
                    await self.proxy.pause(0.05)
            ends = correlation in self.ending
            self.ending.discard(correlation)
            if ends and not self.proxy.at_end_txn(self.client_port, "answer"):
                return
            self.to_client.write(frame)
            try:
                await self.to_client.drain()
            except ConnectionError:
                return
            if ends:
                self.proxy.at_end_txn(self.client_port, "answered")
