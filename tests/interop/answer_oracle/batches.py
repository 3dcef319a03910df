"""Record batches (version 2) byte by byte, good ones and ones a broker must refuse."""
import base64
import struct
import time
import zlib

_TABLE = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
    _TABLE.append(_n)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(n):
    n = (n << 1) ^ (n >> 63)
    out = bytearray()
    while n & ~0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def _field(raw):
    return varint(-1) if raw is None else varint(len(raw)) + raw


def record(delta, key, value, headers=(), time_delta=0):
    body = b"\0" + varint(time_delta) + varint(delta) + _field(key) + _field(value)
    body += varint(len(headers)) + b"".join(_field(k) + _field(v) for k, v in headers)
    return varint(len(body)) + body


# One fixed moment for both brokers, recent enough that no time check objects.
NOW = int(time.time() // 3600) * 3600_000


def batch(records=((b"k", b"v"),), pid=-1, epoch=-1, seq=-1, attributes=0, at=None, base=0,
          magic=2, damage=False, count=None, last=None, steps=0, gzip=False):
    """A batch as base64. `steps` spreads the records' timestamps; `damage` breaks the CRC."""
    at = NOW if at is None else at
    body = b"".join(record(n, k, v, ((b"h", b"1"),), n * steps)
                    for n, (k, v) in enumerate(records))
    if gzip:
        packer = zlib.compressobj(wbits=31)
        body = packer.compress(body) + packer.flush()
        attributes |= 1
    last = len(records) - 1 if last is None else last
    count = len(records) if count is None else count
    tail = struct.pack(">hiqqqhii", attributes, last, at, at + (len(records) - 1) * steps, pid,
                       epoch, seq, count) + body
    crc = crc32c(tail) ^ (1 if damage else 0)
    head = struct.pack(">qiibI", base, len(tail) + 9, -1, magic, crc)
    return base64.b64encode(head + tail).decode()
