"""Suite `own_streams`: `horolog produce` and `horolog consume` against a real broker: what they
write is what kcat reads and back, byte for byte; places in a topic; what bad input is told.
"""
import json
import os
import random
import signal
import struct
import subprocess

from harness import caller
from harness import clients as known
from harness import paths
from harness.results import check

from . import command_groups

SUITE = "own_streams"
SEED = int(os.environ.get("HOROLOG_SEED", random.SystemRandom().randrange(1 << 30)))


class Caller(caller.Caller):
    """As there, and with bytes instead of text."""

    def env(self):
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "dumb",
                "HOROLOG_BOOTSTRAP_SERVERS": self.bootstrap}

    def start(self, *words, **more):
        return subprocess.Popen([str(self.program), *map(str, words)], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=self.env(), cwd=self.home, **more)

    def bytes(self, *words, stdin=b"", code=0):
        with self.start(*words, stdin=subprocess.PIPE) as process:
            out, err = process.communicate(stdin, timeout=60)
        check(process.returncode == code,
              f"horolog {' '.join(map(str, words))}: exit {process.returncode}, not {code}\n"
              f"{out[-2000:]}{err[-2000:]}")
        return out

    def lines(self, topic, *words):
        """The JSON objects of all records there are."""
        out = self.bytes("consume", topic, "-e", "--json", *words)
        return [json.loads(line) for line in out.splitlines()]

    def values(self, topic, *words):
        return self.bytes("consume", topic, "-e", *words).decode().split("\n")[:-1]


def kcat(call, *words, stdin=b""):
    done = subprocess.run([known.need("kcat"), "-b", call.bootstrap, *words], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    check(done.returncode == 0, f"kcat {words}: {done.stderr[-2000:]}")
    return done.stdout


def some_records():
    """Keys and values of any bytes, and empty ones."""
    rng = random.Random(SEED)
    pairs = [(rng.randbytes(rng.randrange(1, 40)), rng.randbytes(rng.randrange(1, 200)))
             for _ in range(200)]
    return [*pairs, (b"\n\t\0", b"\r\n"), (b"\xff\xfe", "é€😀".encode()), (b"k", b"v" * 70_000)]


def sized(records):
    return b"".join(struct.pack(">II", len(k), len(v)) + k + v for k, v in records)


def parse_kcat(out):
    """What kcat printed by '%K,%S,%k%s'."""
    records = []
    while out:
        sizes, _, rest = out.partition(b":")
        key, value = (int(n) for n in sizes.split(b","))
        records.append((rest[:key], rest[key:key + value]))
        out = rest[key + value:]
    return records


def ours_to_kcat(call):
    wanted = some_records()
    call("topic", "create", "own-out", "-p", 1)
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        call.bytes("produce", "own-out", "-f", "%K{big32}%V{big32}%k%v", "-z", codec,
                   stdin=sized(wanted))
        got = parse_kcat(kcat(call, "-C", "-t", "own-out", "-o", f"-{len(wanted)}", "-e", "-q",
                              "-f", "%K,%S:%k%s"))
        check(got == wanted, f"{codec}: kcat read something else (seed {SEED})")
    call.bytes("produce", "own-out", "-H", "a=1", "-H", "b=", "-k", "fixed", stdin=b"with\n")
    out = kcat(call, "-C", "-t", "own-out", "-o", "-1", "-e", "-q", "-f", "%h %k %s")
    check(out == b"a=1,b= fixed with", out)
    call.bytes("produce", "--topic", "own-out", "--property", "parse.key=true", "--property",
               "key.separator=|", stdin=b"left|right\n")
    check(kcat(call, "-C", "-t", "own-out", "-o", "-1", "-e", "-q", "-K", "=") == b"left=right\n",
          "Kafka's properties")


def kcat_to_ours(call):
    call("topic", "create", "own-in", "-p", 1)
    files = []
    wanted = some_records()[:50]
    for n, (_, value) in enumerate(wanted):
        path = call.home / f"value-{n}"
        path.write_bytes(value)
        files.append(str(path))
    kcat(call, "-P", "-t", "own-in", "-k", "key", "-H", "h=\xff", *files)
    out = call.bytes("consume", "own-in", "-e", "-f", "%V{big32}%v%K{byte}%k%H{byte}")
    expected = b"".join(struct.pack(">I", len(v)) + v + b"\3key\1" for _, v in wanted)
    check(out == expected, f"we read something else than kcat wrote (seed {SEED})")
    coded = call.bytes("consume", "own-in", "-e", "-f", "%v{hex}\\n").split()
    check([bytes.fromhex(c.decode()) for c in coded] == [v for _, v in wanted], "hex")


def copied(call):
    """--json out and in again: nulls, bytes, headers, times and partitions."""
    call("topic", "create", "own-first", "-p", 2)
    call("topic", "create", "own-second", "-p", 2)
    lines = [
        {"key": "a", "value": "one", "partition": 0, "timestamp_ms": 1_700_000_000_000},
        {"key": None, "value": "", "partition": 1, "timestamp_ms": 1_700_000_001_000},
        {"key": "a", "value": None, "partition": 0, "timestamp_ms": 1_700_000_002_000,
         "headers": [{"key": "h", "value": None}, {"key": "h", "value_base64": "/w=="}]},
        {"key_base64": "/wA=", "value_base64": "AP8=", "partition": 1,
         "timestamp_ms": 1_700_000_003_000, "headers": []}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    report = json.loads(call.bytes("produce", "own-first", "--json", stdin=text.encode()))
    check([row["records"] for row in report["partitions"]] == [2, 2], report)
    first = call.lines("own-first")
    check(len(first) == 4, first)
    call.bytes("produce", "own-second", "--json",
               stdin="".join(json.dumps(line) + "\n" for line in first).encode())

    def content(topic):
        return sorted(json.dumps({**line, "topic": ""}, sort_keys=True)
                      for line in call.lines(topic))
    check(content("own-first") == content("own-second"), "the copy differs")
    by_time = call.lines("own-first", "-o", "@2023-11-14T22:13:21Z:2023-11-14T22:13:23Z")
    check(sorted(line["timestamp_ms"] for line in by_time) ==
          [1_700_000_001_000, 1_700_000_002_000], by_time)
    kcats = call.lines("own-first", "-o", "s@1700000001000", "-o", "e@1700000003000")
    check(len(kcats) == 2, kcats)


def places(call):
    call("topic", "create", "own-places", "-p", 2)
    for partition in (0, 1):
        text = "".join(f"{partition}-{n}\n" for n in range(100))
        call.bytes("produce", "own-places", "-p", str(partition), stdin=text.encode())
    for words, wanted in {
            ("-o", "-2"): ["0-98", "0-99", "1-98", "1-99"],
            ("-o", "+98", "-p", "1"): ["1-98", "1-99"],
            ("-o", "3:5"): ["0-3", "0-4", "1-3", "1-4"],
            ("-o", ":2", "-p", "0"): ["0-0", "0-1"],
            ("-o", "-3:-1", "-p", "1"): ["1-97", "1-98"],
            ("-o", "end"): [],
            ("--grep", "^[01]-9[89]$"): ["0-98", "0-99", "1-98", "1-99"]}.items():
        got = sorted(call.values("own-places", *words))
        check(got == wanted, f"{words}: {got}")
    check(call.values("own-places:1", "-n", "3") == ["1-0", "1-1", "1-2"], "-n")
    check(len(call.values("own-pl.*", "-r")) == 200, "--regex")
    check(call.bytes("consume", "own-places:0", "-o", "7:8", "--print", "partition,offset,value")
          == b"0\t7\t0-7\n", "--print")
    check(call.bytes("consume", "--topic", "own-places:0", "--from-beginning", "--max-messages", 1)
          == b"0-0\n", "Kafka's spellings")
    done = call("consume", "own-places:0", "-o", "500", "-e")
    check("own-places:0 ends at 100" in done.stderr and done.stdout == "", done.stderr)
    check(call.bytes("consume", "own-places:0", "-o", "98", "--timeout", "3s")
          == b"0-98\n0-99\n", "--timeout")


def tombstones(call):
    call("topic", "create", "own-compact", "-p", 1, "-c", "cleanup.policy=compact")
    call.bytes("produce", "own-compact", "-K", ":", "-Z", stdin=b"a:1\nb:2\na:\n")
    got = [(line["key"], line["value"]) for line in call.lines("own-compact")]
    check(got == [("a", "1"), ("b", "2"), ("a", None)], got)
    check(len(call.lines("own-compact", "--filter-key", "^b")) == 1, "--filter-key")
    check(call.values("own-compact", "-K", "%:") == ["a%:1", "b%:2", "a%:"], "-K")
    # A record without a key is refused by a compacted topic; its line is named.
    with call.start("produce", "own-compact", "-K", ":", stdin=subprocess.PIPE) as process:
        _, err = process.communicate(b"c:1\n\n", timeout=60)
    check(process.returncode in (1, 7), f"exit {process.returncode}: {err}")
    check(b"INVALID_RECORD" in err and b"stdin:" in err, err)


TRANSACTIONS = """
import sys, confluent_kafka as c
p = c.Producer({'bootstrap.servers': sys.argv[1], 'transactional.id': 'own-streams'})
p.init_transactions(30)
for word, end in (('kept', p.commit_transaction), ('dropped', p.abort_transaction)):
    p.begin_transaction()
    for n in range(10): p.produce('own-txn', '%s %d' % (word, n))
    p.flush(30)
    end(30)
"""


def isolated(call):
    call("topic", "create", "own-txn", "-p", 1)
    done = subprocess.run([command_groups.python(), "-c", TRANSACTIONS, call.bootstrap], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          check=False)
    check(done.returncode == 0, done.stdout)
    # The markers at the end of the log are no records; -e ends all the same.
    check(len(call.values("own-txn")) == 20, "uncommitted")
    got = call.values("own-txn", "--isolation", "read_committed")
    check(got == [f"kept {n}" for n in range(10)], got)


def in_a_group(call):
    group = ("-g", "own-readers", "-e")
    call("topic", "create", "own-shared", "-p", 2)
    call.bytes("produce", "own-shared", stdin=b"".join(b"%d\n" % n for n in range(100)))
    first = call.bytes("consume", "own-shared", "-n", "30", *group).split()
    check(len(first) == 30, first)
    rest = call.bytes("consume", "own-shared", *group).split()
    check(sorted(map(int, first + rest)) == list(range(100)), "lost or doubled in the group")
    check(call.bytes("consume", "own-shared", *group) == b"", "read again")
    lag = call.json("group", "describe", "own-readers")
    check(lag["total_lag"] == 0, lag)


def ends(call):
    """A reader that goes away, and Ctrl-C."""
    text = b"".join(b"%d\n" % n for n in range(50_000))
    call("topic", "create", "own-long", "-p", 1)
    call.bytes("produce", "own-long", stdin=text)
    check(call.bytes("consume", "own-long", "-e") == text, "not what was written")
    for words in (("-e",), ()):
        with call.start("consume", "own-long", *words) as process:
            check(process.stdout.readline() == b"0\n", "no first record")
            process.stdout.close()
            err = process.stderr.read()
            check(process.wait(30) == 0 and err == b"", f"{words}: {process.returncode} {err}")
    with call.start("consume", "own-long") as process:
        check(process.stdout.readline() == b"0\n", "no first record")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        check(process.returncode == 130, f"after SIGINT: {process.returncode}")


def errors(call):
    closed = f"127.0.0.1:{paths.free_port()}"
    for name in ("produce", "consume"):
        call.fails(5, name, "own-long", bootstrap=closed, says=[closed, "-b HOST:PORT"])
        call.fails(3, name, "own-lnog", says=["there is no topic 'own-lnog'",
                                              "did you mean 'own-long'?"])
        call.fails(2, name, "own-long", "-f", "%k %z", says=["character 4", "%z means nothing"])
    call.fails(2, "produce", "own-long", "--property", "parse.kye=true", says=["key.separator"])
    call.fails(2, "produce", "own-long", "-f", "%k%v\\n", says=["%k has no end"])
    call.fails(2, "consume", "own-long", "-o", "yesterday", says=["--offset", "no place in a"])
    call.fails(2, "consume", "own-long", "--grep", "(", says=["--grep", "no regular expression"])
    call.fails(2, "consume", "own-long", "--output", "csv", says=["--json or --format"])
    call.fails(2, "consume", "own-long", "-g", "g", "-o", "5", says=["group reset"])
    call.fails(3, "consume", "own-long", "-p", "7", says=["has 1 partitions"])
    call.fails(2, "produce", "own-long", "-p", "7", stdin="a\n", says=["no partition 7"])
    call.fails(2, "produce", "own-long", "--json", stdin="{\n", says=["stdin:1", "column"])
    call.fails(3, "produce", "own-long", "-l", "/no/such/file", says=["cannot read"])
    call.fails(2, "produce", "-f", "%v\\n", stdin="a\n", says=["names no topic"])
    done = call("produce", "own-long", "--json", stdin='{"value": "x"}\n{"vale": "y"}\n', code=7)
    check("stdin:2" in done.stderr and "did you mean 'value'?" in done.stderr, done.stderr)
    check("1 records were delivered" in done.stderr, done.stderr)
    check("own-long" in done.stdout, "what was delivered is not printed")


def run(results, broker, work, _chosen):
    call = Caller(broker, work)
    for name, case in {"ours is read by kcat": ours_to_kcat, "kcat's is read by us": kcat_to_ours,
                       "copied as JSON, by time": copied, "places in a topic": places,
                       "tombstones and refused records": tombstones,
                       "transactions": isolated, "as a member of a group": in_a_group,
                       "a closed pipe, SIGINT": ends, "errors and exit codes": errors}.items():
        results.run(SUITE, "horolog", name, case, call)
