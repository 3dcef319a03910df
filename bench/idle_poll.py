"""What polls of partitions where nothing happens cost a broker: CPU per poll, with a fetch session
(KIP-227) and without. Speaks Fetch 11 and CreateTopics 2, the last with fixed-width lengths."""

import socket
import struct
import time

import brokers

FETCH, CREATE_TOPICS = (1, 11), (19, 2)
NO_SESSION, NEW_SESSION = -1, 0


def text(value):
    raw = value.encode()
    return struct.pack(">h", len(raw)) + raw


class Client:
    def __init__(self, broker):
        host, port = broker.address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.correlation = 0

    def call(self, api, body):
        """Sends a request and gives the answer's body."""
        self.correlation += 1
        head = struct.pack(">hhi", *api, self.correlation) + text("idle-poll")
        self.socket.sendall(struct.pack(">i", len(head) + len(body)) + head + body)
        size, correlation = struct.unpack(">ii", self.stream.read(8))
        if correlation != self.correlation:
            raise RuntimeError(f"answer {correlation} to request {self.correlation}")
        return self.stream.read(size - 4)

    def create(self, topic, partitions):
        body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, 1, 0, 0)
        self.call(CREATE_TOPICS, body + struct.pack(">i?", 30_000, False))

    def fetch(self, session, epoch, topics, wait_ms):
        """Returns (error code, session id, number of topics told)."""
        body = struct.pack(">iiiibii", -1, wait_ms, 1, 1 << 20, 0, session, epoch)
        answer = self.call(FETCH, body + topics + struct.pack(">i", 0) + text(""))
        return struct.unpack(">hii", answer[4:14])

    def close(self):
        self.stream.close()
        self.socket.close()


def all_partitions(topic, count):
    out = struct.pack(">i", 1) + text(topic) + struct.pack(">i", count)
    return out + b"".join(struct.pack(">iiqqi", p, -1, 0, -1, 1 << 20) for p in range(count))


def cpu_per_poll_us(broker, polls, poll):
    before, began = brokers.cpu_seconds(broker.pid), time.monotonic()
    for _ in range(polls):
        error, _, told = poll()
        if error != 0:
            raise RuntimeError(f"a poll failed with error {error}")
    spent = brokers.cpu_seconds(broker.pid) - before
    return 1e6 * spent / polls, polls / (time.monotonic() - began), told


def measure(broker, partitions, polls, wait_ms=1):
    """CPU in µs per idle poll: (with a session, without)."""
    client = Client(broker)
    topic = f"idle-{time.monotonic_ns()}"
    client.create(topic, partitions)
    everything, nothing = all_partitions(topic, partitions), struct.pack(">i", 0)
    end = time.monotonic() + 30
    while client.fetch(0, NO_SESSION, everything, 1)[0] != 0 and time.monotonic() < end:
        time.sleep(0.05)
    without, _, told = cpu_per_poll_us(
        broker, polls, lambda: client.fetch(0, NO_SESSION, everything, wait_ms))
    if told != 1:
        raise RuntimeError("a full fetch did not tell of its topic")
    _, session, _ = client.fetch(0, NEW_SESSION, everything, wait_ms)
    if session == 0:
        raise RuntimeError("the broker keeps no fetch sessions")
    epoch = 0

    def poll():
        nonlocal epoch
        epoch += 1
        return client.fetch(session, epoch, nothing, wait_ms)

    poll()
    with_session, _, told = cpu_per_poll_us(broker, polls, poll)
    if told != 0:
        raise RuntimeError("an idle poll of a session told of a topic")
    client.close()
    return with_session, without
