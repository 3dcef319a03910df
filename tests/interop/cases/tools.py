"""Suite `tools`: Apache Kafka's command-line classes: topics, console, groups, configs, and the
rest in admin_tools.py."""
import re
import time

from harness.kafka_tools import KafkaTools
from harness.results import check

from . import admin_tools, clients

SUITE = "tools"


def contains(text, *words):
    for word in words:
        check(word in text, f"{word!r} is missing in:\n{text}")


def topics(tools):
    tools.good("topics", "--create", "--topic", "tools", "--partitions", 3, "--config",
               "retention.ms=3600000")
    contains(tools.good("topics", "--list"), "tools\n")
    contains(tools.good("topics", "--describe", "--topic", "tools"), "PartitionCount: 3",
             "ReplicationFactor: 1", "retention.ms=3600000", "Leader: 1", "Isr: 1")
    code, out, err = tools("topics", "--create", "--topic", "tools")
    check(code != 0 and "already exists" in out + err, f"created twice: {out}{err}")
    code, out, err = tools("topics", "--create", "--topic", "rf3", "--replication-factor", 3)
    check(code != 0 and "eplication" in out + err, f"replication factor 3 accepted: {out}{err}")
    tools.good("topics", "--alter", "--topic", "tools", "--partitions", 4)
    contains(tools.good("topics", "--describe", "--topic", "tools"), "PartitionCount: 4")
    tools.good("topics", "--create", "--topic", "gone")
    tools.good("topics", "--delete", "--topic", "gone")
    check("gone" not in tools.good("topics", "--list").split(), "a deleted topic is still listed")


def console(tools):
    lines = "".join(f"h:v{n}\tkey{n}\tvalue {n}\n" for n in range(50))
    tools.good("console-producer", "--topic", "tools", "--reader-property", "parse.key=true",
               "--reader-property", "parse.headers=true", data=lines)
    out = tools.good("console-consumer", "--topic", "tools", "--from-beginning", "--group",
                     "console", "--max-messages", 50, "--timeout-ms", 30000,
                     "--formatter-property", "print.key=true",
                     "--formatter-property", "print.headers=true")
    wanted = sorted(f"h:v{n}\tkey{n}\tvalue {n}" for n in range(50))
    check(sorted(out.strip().split("\n")) == wanted, f"read back:\n{out}")


def offsets(tools):
    out = tools.good("get-offsets", "--topic", "tools")
    ends = dict(re.findall(r"tools:(\d+):(\d+)", out))
    check(sum(map(int, ends.values())) == 50, f"end offsets: {out}")


def describe(tools, group, partitions):
    """Partition → (committed, end) as ConsumerGroupCommand shows them."""
    out = tools.good("groups", "--describe", "--group", group)
    rows = re.findall(rf"^{group}\s+\S+\s+(\d+)\s+(\S+)\s+(\d+)", out, re.M)
    found = {int(p): (int(c) if c != "-" else None, int(e)) for p, c, e in rows}
    check(len(found) == partitions, f"{len(found)} rows of {partitions}:\n{out}")
    return found


def groups(tools):
    contains(tools.good("groups", "--list"), "console")
    contains(tools.good("groups", "--describe", "--group", "console", "--state"), "Empty", "1")
    for committed, end in describe(tools, "console", 4).values():
        check(committed == end, f"lag after reading everything: {committed} of {end}")
    tools("groups", "--describe", "--group", "console", "--members")


def reset(tools, how, wanted):
    """One kind of --reset-offsets on topic `resets` (one partition, offsets 0 … 100)."""
    out = tools.good("groups", "--reset-offsets", "--group", "resets", "--topic", "resets",
                     "--execute", *how)
    check(re.search(rf"resets\s+0\s+{wanted}\b", out), f"not {wanted}:\n{out}")
    found = describe(tools, "resets", 1)[0]
    check(found == (wanted, 100), f"described as {found}, not {(wanted, 100)}")


def prepare_resets(tools, broker):
    """100 records: the first 50 two hours old, the others of now."""
    tools.good("topics", "--create", "--topic", "resets", "--partitions", 1)
    clients.fill("resets", broker, 50, partitions=1, age=7200)
    clients.fill("resets", broker, 50, base=50, partitions=1)


def resets(results, tools, broker, work):
    plan = work / "reset.csv"
    plan.write_text("resets,0,33\n")
    past = time.strftime("%Y-%m-%dT%H:%M:%S.000", time.gmtime(time.time() - 3600))
    steps = [
        ("--to-earliest", ["--to-earliest"], 0), ("--to-offset", ["--to-offset", "42"], 42),
        ("--shift-by", ["--shift-by", "-2"], 40), ("--to-current", ["--to-current"], 40),
        ("--to-datetime", ["--to-datetime", past], 50),
        ("--by-duration", ["--by-duration", "PT1H"], 50), ("--to-latest", ["--to-latest"], 100),
    ]
    for name, how, wanted in steps:
        results.run(SUITE, "ConsumerGroupCommand", f"reset {name}", reset, tools, how, wanted)
    results.run(SUITE, "ConsumerGroupCommand", "reset --from-file", from_file, tools, plan)


def from_file(tools, plan):
    tools.good("groups", "--reset-offsets", "--group", "resets", "--from-file", plan, "--execute")
    check(describe(tools, "resets", 1)[0] == (33, 100), "the plan of the file was not followed")


def drop(tools):
    out = tools.good("groups", "--delete-offsets", "--group", "resets", "--topic", "resets")
    contains(out, "Successful")
    tools.good("groups", "--delete", "--group", "console")
    check("console" not in tools.good("groups", "--list").split(), "a deleted group is listed")


def configs(tools):
    entity = ("--entity-type", "topics", "--entity-name", "tools")
    tools.good("configs", "--alter", *entity, "--add-config",
               "max.message.bytes=123456,cleanup.policy=delete")
    contains(tools.good("configs", "--describe", *entity), "max.message.bytes=123456",
             "retention.ms=3600000")
    tools.good("configs", "--alter", *entity, "--delete-config", "max.message.bytes")
    check("max.message.bytes=123456" not in tools.good("configs", "--describe", *entity),
          "a deleted config is still described")
    contains(tools.good("configs", "--describe", *entity, "--all"), "segment.bytes=1073741824",
             "DEFAULT_CONFIG")
    tools.good("configs", "--describe", "--entity-type", "brokers", "--entity-name", "1", "--all")
    code, out, err = tools("configs", "--alter", *entity, "--add-config", "no.such.key=1")
    check(code != 0 and "no.such.key" in out + err, f"unknown key accepted: {out}{err}")


def delete_records(tools, work):
    plan = work / "delete.json"
    plan.write_text('{"partitions": [{"topic": "resets", "partition": 0, "offset": 20}], '
                    '"version": 1}')
    out = tools.good("delete-records", "--offset-json-file", plan)
    contains(out, "low_watermark: 20")
    out = tools.good("get-offsets", "--topic", "resets", "--time", "earliest")
    contains(out, "resets:0:20")


def run(results, broker, work, _chosen):
    with KafkaTools(broker.bootstrap) as tools:
        results.run(SUITE, "TopicCommand", "create, list, describe, alter, delete", topics, tools)
        results.run(SUITE, "Console producer/consumer", "keys and headers", console, tools)
        results.run(SUITE, "GetOffsetShell", "end offsets", offsets, tools)
        results.run(SUITE, "ConsumerGroupCommand", "list and describe", groups, tools)
        if results.run(SUITE, "ConsumerGroupCommand", "old and new records", prepare_resets, tools,
                       broker):
            resets(results, tools, broker, work)
        results.run(SUITE, "ConsumerGroupCommand", "delete offsets and group", drop, tools)
        results.run(SUITE, "DeleteRecordsCommand", "raises the log start", delete_records, tools,
                    work)
        results.run(SUITE, "ConfigCommand", "topic and broker configs", configs, tools)
        admin_tools.run(results, tools, broker, work)
