"""For task_worker.py: the metadata of a group's committed offset, and where a key belongs."""
import base64
import sys


def murmur2(data):
    """Java's: the sign bit is cleared, as its partitioner does it."""
    mask, m = 0xffffffff, 0x5bd1e995
    h = 0x9747b28c ^ len(data)
    for i in range(0, len(data) - 3, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    rest = data[len(data) & ~3:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7fffffff


def read_over(offset, metadata):
    """The offsets above the committed one that are over already, and below which offsets workers
    died (src/worker/FORMAT.md)."""
    if not metadata or not metadata.startswith("h1"):
        return set(), []
    text, died = metadata[2:], []
    if text.startswith("s:"):
        starts, _, text = text[2:].partition(";")
        died = [offset + int(word) for word in starts.split(",")]
        if not text:
            return set(), died
    return read_ends(offset, text), died


def read_ends(offset, text):
    data = base64.urlsafe_b64decode(text[2:] + "=" * (-len(text[2:]) % 4))
    if text.startswith("b:"):
        return {offset + 1 + i for i in range(8 * len(data)) if data[i // 8] >> i % 8 & 1}
    if not text.startswith("r:"):
        sys.exit(f"metadata of a later version: {text[:40]}")
    over, lengths, value, shift = set(), [], 0, 0
    for byte in data:
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            lengths.append(value)
            value = shift = 0
    for n, length in enumerate(lengths):
        if n % 2:
            over.update(range(offset, offset + length))
        offset += length
    return over


def write_over(offset, over, died):
    """The metadata for `offset`: below which offsets workers died, and what is over above it."""
    starts = ",".join(str(end - offset) for end in sorted(died, reverse=True)[-5:] if end > offset)
    data = bytearray()
    for i in (o - offset - 1 for o in over if o > offset):
        data.extend(bytes(max(0, i // 8 + 1 - len(data))))
        data[i // 8] |= 1 << i % 8
    bits = base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
    parts = ["s:" + starts] * bool(starts) + ["b:" + bits] * bool(bits)
    return "h1" + ";".join(parts) if parts else ""
