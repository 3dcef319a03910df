"""The records that every client must bring through unchanged, and the comparison."""
import base64
import json
import random

from harness.results import check

BASE_TIME = 1_700_000_000_000


def _b64(raw):
    return None if raw is None else base64.b64encode(raw).decode()


def make(seed, lacks=frozenset()):
    """A mixed set: null, empty, text and binary; small and large; with and without headers."""
    rng = random.Random(seed)
    headers = [
        ([], None),
        ([("trace", b"abc")], None),
        ([("a", b"1"), ("b", b"2"), ("a", b"3")], "repeated-header"),
        ([("empty", b""), ("bin", bytes(range(256)))], "odd-header"),
        ([("null", None), ("x", b"y")], "null-header"),
    ]
    values = [
        (b"plain text", None), (None, None), (b"", "empty"), ("grüße, 世界".encode(), None),
        (b"compress me " * 400, None), (rng.randbytes(9000).replace(b"\x04\x05", b"..")
                                        .replace(b"\x02\x03", b".."), None),
    ]
    keys = [(None, None), (b"key", None), (b"", "empty"), (b"\x00\xff\x80", None)]
    out = []
    for n in range(180):
        key, key_tag = keys[n % len(keys)]
        value, value_tag = values[n // 4 % len(values)]
        pairs, header_tag = headers[n // 8 % len(headers)]
        nothing = "both-null" if key is None and value is None else None
        if {key_tag, value_tag, header_tag, nothing} & set(lacks):
            continue
        if key is not None and value is not None and n % 3 == 0:
            value = b"%d " % n + value
        out.append({"p": n // 8 % 3, "t": BASE_TIME + n * 1000, "k": _b64(key), "v": _b64(value),
                    "h": [[k, _b64(v)] for k, v in pairs]})
    return out


def write(path, records):
    """JSON lines, and beside them FILE.plain for a driver without a JSON parser."""
    def word(text):
        return "-" if text is None else text or "="

    with open(path, "w") as out, open(f"{path}.plain", "w") as plain:
        for r in records:
            out.write(json.dumps(r) + "\n")
            pairs = " ".join(f"{_b64(k.encode())} {word(v)}" for k, v in r["h"])
            plain.write(f"{r['p']} {r['t']} {word(r['k'])} {word(r['v'])} {pairs}\n")


def compare(wanted, got, with_time):
    """Partition by partition, offsets from 0 without a gap, every field byte for byte."""
    for p in range(3):
        left = [r for r in wanted if r["p"] == p]
        right = [r for r in got if r["p"] == p]
        check(len(left) == len(right), f"partition {p}: {len(right)} records of {len(left)}")
        for at, (a, b) in enumerate(zip(left, right)):
            where = f"partition {p} offset {at}"
            check(b["o"] == at, f"{where}: came with offset {b['o']}")
            for field in "kvh":
                check(a[field] == b[field],
                      f"{where}: field {field} is {str(b[field])[:80]} for {str(a[field])[:80]}")
            if with_time:
                check(a["t"] == b["t"], f"{where}: timestamp {b['t']} for {a['t']}")
