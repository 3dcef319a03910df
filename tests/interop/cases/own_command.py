"""Suite `own_command`: the `horolog` command against a real broker: its output word for word, its
errors and exit codes, and groups of a foreign client shown, moved and moved back.
"""
import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import threading
import time

from cases.command_groups import (active_group, fill, newer_group, others_group, reset_and_undo)
from harness import clients as known
from harness import paths
from harness.broker import Horologd, Kafka
from harness.caller import Caller, golden
from harness.results import check

SUITE = "own_command"


def views(call):
    for name, words in {
            "topic_ls": ("topic", "ls", "own-orders"),
            "topic_describe": ("topic", "describe", "own-orders"),
            "offsets": ("offsets", "own-orders:0,2", "--at", "2023-11-14T22:15:00Z"),
            "group_describe": ("group", "describe", "own-billing"),
            "config_diff": ("config", "diff", "topic", "own-orders"),
            "errors_lookup": ("errors", "lookup", "25")}.items():
        golden(name, call.out(*words))
        golden(name + "_json", call.out(*words, "--json"))
    check("own-orders:2\n" in call.out("offsets", "own-orders", "--output", "name"), "names")
    check(call.json("cluster", "info")["brokers"], "no brokers")
    check(call.json("cluster", "health")["healthy"] is True, "not healthy")
    check("own-billing" in call.out("group", "ls", "--output", "name"), "the group is not listed")
    names = call.out("group", "ls", "--type", "classic", "--state", "empty", "--output", "name")
    check("own-billing" in names, f"a classic group that is empty: {names}")
    check("own-billing" not in call.out("group", "ls", "--state", "Stable"), "it is not stable")
    check(call.out("config", "get", "topic", "own-orders", "retention.ms") == "-1\n", "get")


def schemas(call):
    """--output help names exactly what the JSON has."""
    shown = call.json("group", "describe", "own-billing")
    schema = call.out("group", "describe", "--output", "help")
    names = {line.strip().split(":")[0] for line in schema.splitlines()}
    got = set(shown) | set(shown["partitions"][0])
    check(names == got, f"schema and JSON differ by {names ^ got}")


def lag_facts(call):
    found = call.json("group", "describe", "own-billing")
    rows = {row["partition"]: row for row in found["partitions"]}
    check(found["total_lag"] == 60 and rows[0]["lag"] == 60 and rows[1]["lag"] == 0, found)
    # Offset 40 of partition 0 is record 120, the newest is record 297.
    check(rows[0]["lag_time_ms"] == (297 - 120) * 1000, rows[0])
    check(rows[0]["status"] == "STOPPED" and rows[1]["status"] == "OK", rows)
    check(0 <= rows[0]["commit_age_ms"] < 600_000, f"committed just now: {rows[0]}")
    call("group", "lag", "own-billing", "--until", "lag<100")
    call("group", "lag", "own-billing", "--until", "lag<10", "--timeout", "1s", "--interval",
         "200ms", code=5)
    call("check", "group", "own-billing", "--warn", "1", code=2)


def settles(what, wanted, look, seconds=30):
    """Kafka's brokers learn of a change a moment after it was acknowledged."""
    end = time.monotonic() + seconds
    while (found := look()) != wanted:
        check(time.monotonic() < end, f"{what}: {found!r}, not {wanted!r}")
        time.sleep(0.1)


def changes(call):
    def retention():
        return call.out("config", "get", "topic", "own-made", "retention.ms")

    def made():
        return "own-made" in call.out("topic", "ls", "--output", "name").split()

    call("topic", "create", "own-made", "-p", 2)
    settles("created", True, made)
    preset = retention()
    call.fails(1, "topic", "create", "own-made", says=["TOPIC_ALREADY_EXISTS"])
    call("topic", "create", "own-made", "--if-not-exists")
    call("topic", "add-partitions", "own-made", 4)
    call("topic", "alter", "own-made", "retention.ms=1000", "cleanup.policy=compact")
    settles("altered", "1000\n", retention)
    call("config", "set", "topic", "own-made", "retention.ms=")
    settles("set back", preset, retention)
    settles("partitions", 4,
            lambda: len(call.json("topic", "describe", "own-made")["partitions"]))
    call("topic", "rm", "own-made", code=6)
    call("topic", "rm", "own-made", "--yes")
    settles("removed", False, made)
    call.fails(3, "topic", "describe", "own-made", says=["there is no topic 'own-made'"])
    plan = call.json("topic", "trim", "own-orders:1", "--before", "5", "--yes")
    check(plan["plan"][0]["removed"] == 5, plan)
    check(call.json("offsets", "own-orders:1")["partitions"][0]["start"] == 5, "trim")


@contextlib.contextmanager
def listener(answer):
    """A port that is not Kafka's: says `answer` to each connection and closes it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                with contextlib.suppress(OSError):
                    peer = server.accept()[0]
                    peer.recv(1000)
                    peer.sendall(answer)
                    peer.close()
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        stop.set()
        thread.join()


def errors(call):
    closed = f"127.0.0.1:{paths.free_port()}"
    call.fails(5, "topic", "ls", bootstrap=closed, says=[closed, "-b HOST:PORT"])
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        call.fails(5, "topic", "ls", "-X", "request.timeout.ms=3000", bootstrap=address,
                   says=["HTTP"])
    with listener(b"\x15\x03\x03\x00\x02\x02\x46") as address:
        call.fails(5, "topic", "ls", "-X", "request.timeout.ms=3000", bootstrap=address,
                   says=["TLS"])
    call.fails(2, "topic", "ls", "-b", "no port:x", says=["--bootstrap"])
    call.fails(2, "topc", "ls", says=["did you mean 'topic'?"])
    call.fails(2, "topic", "ls", "--intrenal", says=["did you mean '--internal'?"])
    call.fails(2, "group", "ls", "--state", "Stabel", says=["did you mean 'Stable'?"])
    call.fails(3, "offsets", "own-order", says=["did you mean 'own-orders'?"])
    call.fails(3, "offsets", "own-orders:7", says=["has 3 partitions"])
    call.fails(2, "offsets", "own-orders", "--at", "soon", says=["'soon' is no time"])
    call.fails(2, "-X", "bootstrap.server=a:1", "topic", "ls",
               says=["did you mean 'bootstrap.servers'?"])
    call.fails(3, "config", "get", "topic", "own-orders", "retention.m",
               says=["did you mean 'retention.ms'?"])


def elsewhere(call, broker, work):
    """Brokers whose disk is full, and that tell clients an address where nobody is."""
    nobody = f"127.0.0.1:{paths.free_port()}"
    for name, setting, words, says in (
            ("full", "horolog.disk.low.bytes=100TiB",
             ("produce", "own-full", "--delivery-timeout", "2s"),
             ["KAFKA_STORAGE_ERROR", "disk failed or is full", "make room"]),
            ("unreachable", f"advertised.listeners=PLAINTEXT://{nobody}", ("group", "ls"),
             [nobody, "the cluster gave this address", "advertised.listeners"])):
        with Horologd(work / name, [setting], broker.binary) as other:
            if name == "full":
                call("topic", "create", "own-full", bootstrap=other.bootstrap)
            call.fails(1 if name == "full" else 5, *words, "-X", "request.timeout.ms=3000",
                       bootstrap=other.bootstrap, stdin="a record\n", says=says)


def completion(call):
    check("own-orders\n" in call.out("__complete", "topic", "describe", "own"), "no topics")
    check("own-billing\n" in call.out("__complete", "group", "reset", ""), "no groups")


def offline(call, broker, work):
    """A copy of the stopped broker's directory, then with a flipped byte."""
    check(broker.stop() == 0, "no clean stop")
    data = pathlib.Path(work) / "copy"
    shutil.copytree(broker.data, data)
    check(call.json("log", "verify", data)["sound"] is True, "not sound")
    same = subprocess.run([str(broker.binary), "check", str(data), "--json"], text=True,
                          stdout=subprocess.PIPE, check=False, timeout=60)
    ours, theirs = call.json("log", "verify", data), json.loads(same.stdout)
    ours.pop("seconds"), theirs.pop("seconds")
    check(ours == theirs, "log verify and horologd check differ")
    rows = {(r["topic"], r["partition"]): r for r in call.json("log", "ls", data)["partitions"]}
    check(rows["own-orders", 1]["end_offset"] == 100, rows)
    commits = ""
    for folder in data.glob("__consumer_offsets-*"):
        commits += call.out("log", "dump", folder, "--records")
    check('group="own-billing", topic="own-orders", partition=0' in commits.replace("\\", ""),
          "commits are not decoded")
    log = data / "own-orders-0" / "00000000000000000000.log"
    content = bytearray(log.read_bytes())
    content[100] ^= 1
    log.write_bytes(content)
    check(call.json("log", "verify", data, code=4)["sound"] is False, "damage is not seen")
    call("log", "verify", data / "own-orders-0", code=4)
    entries = call("log", "dump", data / "own-orders-0", "--output", "jsonl", code=4).stdout
    kinds = [json.loads(line)["kind"] for line in entries.splitlines()]
    check("damage" in kinds, kinds)
    call.fails(2, "log", "verify", work, says=["is no data directory"])
    broker.start()


def all_cases(results, broker, work, clients):
    call = Caller(broker, work)
    subject = f"horolog and {broker.name}"
    if not results.run(SUITE, subject, "a topic, records, a foreign group", fill, call):
        return
    for name, case in {"output word for word": views, "schemas": schemas,
                       "lag in records and in time": lag_facts, "errors and exit codes": errors,
                       "reset, undo, CSV": reset_and_undo,
                       "an active group is left alone": active_group,
                       "topics are changed": changes, "completion": completion}.items():
        results.run(SUITE, subject, name, case, call)
        # Before anything is trimmed.
        for client in clients if case is errors else ():
            results.run(SUITE, subject, f"a group of {client.name}", others_group, call, client)
    if broker.name == "kafka":
        results.run(SUITE, subject, "a group of the newer protocol (KIP-848)", newer_group, call)
        return
    results.run(SUITE, subject, "a full disk, a wrong address", elsewhere, call, broker, work)
    results.run(SUITE, subject, "offline, sound and damaged", offline, call, broker, work)


def run(results, broker, work, _chosen):
    clients = (known.java(), known.librdkafka(), known.franz_go_new())
    all_cases(results, broker, work, clients)
    if broker.name != "kafka":
        with Kafka(work / "kafka", ["num.partitions=3"]) as kafka:
            all_cases(results, kafka, work / "on-kafka", clients)
