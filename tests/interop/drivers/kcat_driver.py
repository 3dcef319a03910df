"""Driver over kcat (verbs: harness/driver.py). Topics are made by the broker's auto-creation."""
import ctypes
import itertools
import re
import signal
import subprocess
import sys
import threading

import common

ASSIGNED = re.compile(r"assigned: (.*)$")
PARTITION = re.compile(r"\[(\d+)\]")
# Timestamp, partition, offset, key length, key, value length, value, headers, record end.
FORMAT = "%T %p %o %K %S\n%k%s%h\x1e\n"


def kcat(o, *words, data=None):
    done = subprocess.run(["kcat", "-b", o["bootstrap"], *words], input=data,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit(f"kcat {' '.join(words)} ended with {done.returncode}")
    return done.stdout


def produce(o, topic, codec, records):
    """kcat takes headers and a partition per run, so neighbours that share them go together."""
    def shared(r):
        return r["p"], tuple(r["h"])

    for (partition, headers), run in itertools.groupby(records, shared):
        words = [w for k, v in headers for w in ("-H", f"{k}={v.decode()}")]
        data = b"".join((r["k"] or b"") + b"\x02\x03" + (r["v"] or b"") + b"\x04\x05"
                        for r in run)
        kcat(o, "-P", "-t", topic, "-p", str(partition), "-z", codec, "-K", "\x02\x03", "-D",
             "\x04\x05", "-Z", *words, data=data)


def roundtrip(o):
    records = list(common.records(o["records"]))
    for codec in o["codecs"].split(","):
        topic = f"{o['prefix']}-{codec}"
        kcat(o, "-L", "-t", topic, "-X", "allow.auto.create.topics=true")
        common.emit(created=topic)
        produce(o, topic, codec, records)
        got = kcat(o, "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", FORMAT)
        at = 0
        while at < len(got):
            end = got.index(b"\n", at)
            t, p, offset, klen, vlen = map(int, got[at:end].split())
            at = end + 1
            k = got[at:at + klen] if klen > 0 else None
            at += max(klen, 0)
            v = got[at:at + vlen] if vlen >= 0 else None
            at += max(vlen, 0)
            end = got.index(b"\x1e\n", at)
            pairs = [h.split(b"=", 1) for h in got[at:end].split(b",") if h]
            common.emit_record(codec, p, offset, t, k, v, [(k.decode(), v) for k, v in pairs])
            at = end + 2
        common.emit(read=codec)


def die_with_parent():
    """The harness kills this driver to kill the member: kcat must go with it (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def member(o):
    """kcat commits by itself every 200 ms; SIGTERM makes it commit and leave."""
    run = subprocess.Popen(
        ["kcat", "-b", o["bootstrap"], "-G", o["group"], "-u", "-X", "auto.offset.reset=earliest",
         "-X", "session.timeout.ms=6000", "-X", "heartbeat.interval.ms=1000",
         "-X", "auto.commit.interval.ms=200", "-f", "%p %o %s\n", o["topic"]],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=die_with_parent)

    def watch():
        for line in run.stderr:
            found = ASSIGNED.search(line.decode())
            if found:
                common.emit(assigned=sorted(int(p) for p in PARTITION.findall(found.group(1))))

    signal.signal(signal.SIGTERM, lambda *_: run.terminate())
    threading.Thread(target=watch, daemon=True).start()
    for line in run.stdout:
        p, offset, value = line.decode().split()
        common.emit(p=int(p), o=int(offset), v=value)
    run.wait()


if __name__ == "__main__":
    verb, options = common.arguments()
    if verb not in ("roundtrip", "member"):
        sys.exit(f"kcat has no {verb}")
    {"roundtrip": roundtrip, "member": member}[verb](options)
