"""Compression bombs on the wire: a small batch that unfolds to half a gigabyte, in each codec, to a
topic whose records the broker has to unpack. Each is refused, with bounded memory.
"""
import base64
import pathlib
import socket
import struct
import subprocess
import sys

import rig
from harness.results import check

sys.path.insert(0, str(rig.HERE.parent / "interop" / "answer_oracle"))
import batches  # noqa: E402

UNFOLDED = 512 << 20
# Three times what a batch may unfold to (limits::decompressed_batch_bytes): the buffer grows.
MEMORY = 768 << 20
# What the allocator and the pool of request buffers keep; one kept buffer would be more.
KEPT = 256 << 20
CODECS = {"gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}

COMPRESS = """
import sys
codec, size = sys.argv[1], int(sys.argv[2])
zeros = bytes(size)
if codec == 'gzip':
    import gzip; out = gzip.compress(zeros)
elif codec == 'snappy':
    import snappy; out = snappy.compress(zeros)
elif codec == 'lz4':
    import lz4.frame; out = lz4.frame.compress(zeros)
else:
    import zstandard; out = zstandard.ZstdCompressor().compress(zeros)
sys.stdout.buffer.write(out)
"""


def packed(codec, size):
    done = subprocess.run([str(rig.clients.confluent().command[0]), "-c", COMPRESS, codec,
                           str(size)], stdout=subprocess.PIPE, timeout=120, check=True)
    return done.stdout


def batch(codec, body):
    tail = struct.pack(">hiqqqhii", CODECS[codec], 0, batches.NOW, batches.NOW, -1, -1, -1, 1)
    tail += body
    head = struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, batches.crc32c(tail))
    return head + tail


def produce(broker, topic, records):
    """Sends one batch with Produce 8; the error code of the answer."""
    name = struct.pack(">h", len(topic)) + topic.encode()
    body = struct.pack(">hhii", -1, -1, 30000, 1) + name + struct.pack(">iii", 1, 0, len(records))
    frame = struct.pack(">hhih", 0, 8, 1, 4) + b"bomb" + body + records
    with socket.create_connection(("127.0.0.1", broker.port), 60) as s:
        s.settimeout(120)
        s.sendall(struct.pack(">i", len(frame)) + frame)
        answer = b""
        while len(answer) < 4 + 4 + 4 + len(name) + 4 + 4 + 2:
            got = s.recv(65536)
            check(got, "the connection was closed without an answer")
            answer += got
    return struct.unpack_from(">h", answer, 4 + 4 + 4 + len(name) + 4 + 4)[0]


def peak(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024


def refused(broker, codec):
    topic = "bombs-gzip" if codec == "zstd" else "bombs-zstd"  # another codec: it must be unpacked
    honest = batch(codec, packed(codec, 100))  # zeros are no record, but they unfold
    check(produce(broker, topic, honest) != 0, "100 zeros were taken for a record")
    bomb = batch(codec, packed(codec, UNFOLDED))
    for _ in range(5):
        code = produce(broker, topic, bomb)
        check(code != 0, f"a bomb of {len(bomb)} bytes was accepted")
    check(broker.alive(), f"the broker is gone:\n{broker.tail()}")
    kept = rig.resident(broker.pid)
    check(kept < KEPT, f"{kept >> 20} MiB are still in use afterwards")
    check(peak(broker.pid) < MEMORY, f"{peak(broker.pid) >> 20} MiB were in use at the most")
    good = base64.b64decode(batches.batch())
    check(produce(broker, topic, good) == 0, "a good batch is no longer taken")


def run(results, suite, broker):
    create = ("import sys, confluent_kafka.admin as a\n"
              "admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})\n"
              "t = [a.NewTopic('bombs-' + k, 1, 1, config={'compression.type': k,\n"
              "      'max.message.bytes': '67108864'}) for k in ('gzip', 'zstd')]\n"
              "for f in admin.create_topics(t).values(): f.result(30)\n")
    subprocess.run([str(rig.clients.confluent().command[0]), "-c", create, broker.bootstrap],
                   check=True, timeout=60)
    for codec in CODECS:
        results.run(suite, "bomb", codec, refused, broker, codec)
