"""Bad input: each refusal says what, where and what to do, and the broker goes on serving."""
import os
import re
import socket
import struct
import subprocess
import time

import bombs
import rig
from harness import paths
from harness.broker import Horologd
from harness.results import check

SUITE = "badinput"


def log_since(broker, mark):
    return broker.log_path.read_text(errors="replace")[mark:]


def expect_closed(broker, raw, *words):
    """Sends bytes; the connection must end and the broker's log must hold every word."""
    mark = broker.log_path.stat().st_size
    with socket.create_connection(("127.0.0.1", broker.port), 5) as s:
        s.settimeout(15)
        s.sendall(raw)
        try:
            rest = s.recv(4096)
        except ConnectionResetError:
            rest = b""
        check(rest == b"", f"answered with {rest[:60]!r}")
    end = time.monotonic() + 10
    text = ""
    while time.monotonic() < end:
        text = log_since(broker, mark)
        if all(re.search(w, text, re.I) for w in words):
            break
        time.sleep(0.05)
    for w in words:
        check(re.search(w, text, re.I), f"no {w!r} in the log:\n{text[-800:]}")
    code, out = rig.kcat(broker, "-L", timeout=20)
    check(code == 0, f"the broker does not serve afterwards: {out}")


def header(key, version, client=b"bad-input-test", size=None, tags=False):
    body = struct.pack(">hhih", key, version, 7, len(client)) + client + b"\0" * tags
    return struct.pack(">i", len(body) if size is None else size) + body


TLS_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(190)


def wire(results, broker):
    cases = [
        ("HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", ("HTTP",)),
        ("TLS hello", TLS_HELLO, ("TLS",)),
        ("random bytes", b"\xff\xfe\xfd\xfc" * 16, ("bytes",)),
        ("oversized frame", struct.pack(">i", 2_000_000_000) + b"\0" * 32, ("2000000000",)),
        ("negative size", struct.pack(">i", -5) + b"\0" * 32, ("-5",)),
        ("unknown API", header(999, 0), ("999",)),
        ("unsupported version", header(3, 99, tags=True), ("99",)),
        ("empty frame", struct.pack(">i", 0), ()),
        ("header cut short", struct.pack(">i", 3) + b"\0\3\0", ()),
        ("array count of two billion", header(3, 5, size=8 + 2 + 14 + 4) +
         struct.pack(">i", 0x7FFFFFFF), ()),
    ]
    for name, raw, words in cases:
        results.run(SUITE, "wire", name, expect_closed, broker, raw, *words)


def kcat_says(broker, words, *args, data="x\n"):
    code, out = rig.kcat(broker, *args, data=data)
    check(code != 0 or "error" in out.lower() or "failed" in out.lower(), f"accepted: {out}")
    for w in words:
        check(re.search(w, out, re.I), f"no {w!r} in {out}")


def clients(results, broker):
    slow = ("-X", "message.timeout.ms=4000", "-X", "topic.request.required.acks=all")
    results.run(SUITE, "client", "invalid topic name", kcat_says, broker,
                ("topic",), "-P", "-t", "../x", *slow)
    results.run(SUITE, "client", "name of 250 characters", kcat_says, broker, ("topic",), "-P",
                "-t", "x" * 250, *slow)
    results.run(SUITE, "client", "unknown partition", kcat_says, broker, ("partition",), "-P", "-t",
                "known", "-p", "77", *slow)
    big = "y" * 3_000_000 + "\n"
    results.run(SUITE, "client", "message too large", too_large, broker, big)
    results.run(SUITE, "client", "replication factor 3", replication, broker, 3, "replication")


def too_large(broker, data):
    code, out = rig.kcat(broker, "-P", "-t", "known", "-X", "message.max.bytes=10000000", "-X",
                         "message.timeout.ms=8000", data=data)
    check("large" in out.lower(), f"no word of the size: {code} {out[-300:]}")
    check(rig.kcat(broker, "-P", "-t", "known", data="small\n")[0] == 0, "it no longer serves")


def replication(broker, factor, word):
    command = rig.clients.confluent().command[0]
    code = ("import sys, confluent_kafka.admin as a\n"
            "admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})\n"
            "f = admin.create_topics("
            f"[a.NewTopic('rf', 1, {factor})])['rf']\n"
            "try:\n    f.result(30); print('made')\nexcept Exception as e: print('refused', e)\n")
    done = subprocess.run([str(command), "-c", code, broker.bootstrap], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    check("refused" in done.stdout and word in done.stdout.lower(), done.stdout)


def refuses(words, arguments, binary, codes=(1, 2)):
    """A start that must fail with one of the codes and with every word on stderr."""
    done = subprocess.run([str(binary), *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=60,
                          stdin=subprocess.DEVNULL, check=False)
    text = done.stderr
    check(done.returncode in codes, f"exit code {done.returncode}, not {codes}:\n{text}")
    for w in words:
        check(re.search(w, text), f"no {w!r} in:\n{text}")
    check("ready" not in done.stdout, f"it says that it is ready: {done.stdout}")


def starting(results, broker, work, binary):
    off = ("--set", "admin.listener=")
    port = paths.free_port()
    fresh = ("--data-dir", work / "fresh", "--listen", f"127.0.0.1:{port}", *off)

    def case(name, words, *arguments, codes=(1, 2)):
        results.run(SUITE, "start", name, refuses, words, arguments, binary, codes)

    case("port in use", (str(broker.port), rf"pid {broker.pid}\b"), "--data-dir", work / "other",
         "--listen", broker.bootstrap, *off)
    case("data directory in use", (rf"(pid|process) {broker.pid}\b", "in use"), "--data-dir",
         broker.data, "--listen", f"127.0.0.1:{port}", *off)
    foreign = work / "foreign"
    foreign.mkdir(parents=True)
    (foreign / "holiday.jpg").write_bytes(b"x")
    case("foreign data directory", ("not empty", "holiday.jpg"), "--data-dir", foreign, "--listen",
         f"127.0.0.1:{port}", *off)
    (work / "file").write_text("x")
    case("data directory is a file", ("file",), "--data-dir", work / "file", "--listen",
         f"127.0.0.1:{port}", *off)
    newer = work / "newer"
    newer.mkdir()
    (newer / "meta.properties").write_text("version=9\ncluster.id=abc\nnode.id=1\n")
    case("newer format", ("version 9",), "--data-dir", newer, "--listen", f"127.0.0.1:{port}", *off,
         codes=(1, 2, 4))
    case("unknown setting", ("log.retention.hourz", "log.retention.hours"), *fresh, "--set",
         "log.retention.hourz=3", codes=(2,))
    case("bad value", ("num.partitions", "many"), *fresh, "--set", "num.partitions=many",
         codes=(2,))
    case("unknown option", ("--colour",), "--colour", codes=(2,))
    case("bad address", ("--listen", "'notaport' is not a port"), "--data-dir", work / "fresh",
         "--listen", "127.0.0.1:notaport", codes=(2,))
    config = work / "bad.yaml"
    config.write_text("num.partitions: 3\nnum.partitions: 4\nretention: 5\n")
    case("bad configuration file", (r"bad\.yaml:2", r"bad\.yaml:3"), *fresh, "--config", config,
         codes=(2,))
    results.run(SUITE, "start", "read-only directory", read_only, work, binary, port)
    results.run(SUITE, "start", "logs without catalog", no_catalog, work, binary)


def read_only(work, binary, port):
    """A read-only bind mount: rights alone do not stop root."""
    place = work / "readonly"
    place.mkdir()
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(place)], check=True)
        refuses(("readonly", "(?i)read-only"), ("--data-dir", place, "--listen",
                f"127.0.0.1:{port}", "--set", "admin.listener="), binary)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def no_catalog(work, binary):
    broker = Horologd(work / "lost-catalog", (), binary)
    with broker:
        rig.create_topic(broker, "t", 1)
        rig.fill(broker, "t", 1, 10)
        broker.stop()
    for log in (broker.data / "__cluster_metadata-0").iterdir():
        log.unlink()
    os.rmdir(broker.data / "__cluster_metadata-0")
    before = sorted(p.name for p in (broker.data / "t-0").iterdir())
    refuses(("catalog",), broker.command()[1:], binary, (4,))
    check(before == sorted(p.name for p in (broker.data / "t-0").iterdir()), "files were changed")


def wide_bind(work, binary):
    """Without authentication a bind beyond loopback starts, with a loud warning."""
    broker = Horologd(work / "wide", (), binary)
    command = broker.command()
    command[command.index("--listen") + 1] = f"0.0.0.0:{paths.free_port()}"
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    process.terminate()
    text = process.communicate(timeout=30)[1]
    check("ready" in line, f"not ready: {line}\n{text}")
    check(re.search(r"(?i)warn.*(authenticat|anyone|every)", text), f"no warning:\n{text}")


def run(results, make_broker, work, asked):
    binary = asked.binary or paths.default_binary()
    with make_broker(work / "served", ["auto.create.topics.enable=true"]) as broker:
        rig.create_topic(broker, "known", 1)
        wire(results, broker)
        clients(results, broker)
        bombs.run(results, SUITE, broker)
        starting(results, broker, work, binary)
        results.run(SUITE, "broker", "still serves and stops cleanly",
                    lambda: check(broker.stop() == 0, broker.tail()))
    results.run(SUITE, "start", "wide bind warns", wide_bind, work, binary)
