"""Suite `transactions`: each client ends transactions, every other reads what they left.

What is aborted is invisible to read_committed readers of every client, offsets count when their
transaction does, a second producer with the same id fences the first, and the tools show it all.
"""
import re

from harness import driver
from harness.kafka_tools import KafkaTools
from harness.results import check

from . import clients

SUITE = "transactions"
PARTITIONS = 3
COUNT = 20
SPEAKERS = ("confluent-kafka", "Java client", "franz-go", "franz-go (Debian's Go)")


def slug(name):
    return "".join(c if c.isalnum() else "-" for c in name)


def create(tools, topic):
    tools.good("topics", "--create", "--topic", topic, "--partitions", PARTITIONS)


def transact(client, broker, tools):
    topic = "tx-" + slug(client.name)
    create(tools, topic)
    driver.run(client.command, "transact", bootstrap=broker.bootstrap, topic=topic,
               id="id-" + slug(client.name), count=COUNT)
    return topic


def read(client, broker, topic, level):
    lines = driver.run(client.command, "isolated", bootstrap=broker.bootstrap, topic=topic,
                       level=level)
    return sorted(map(int, lines[-1]["values"]))


def isolated(client, broker, topic):
    committed = sorted(n for n in range(COUNT) if n % 3 != 0 for _ in range(PARTITIONS))
    got = read(client, broker, topic, "read_committed")
    check(got == committed, f"read_committed gives {got}, not {committed}")
    everything = sorted(n for n in range(COUNT) for _ in range(PARTITIONS))
    got = read(client, broker, topic, "read_uncommitted")
    check(got == everything, f"read_uncommitted gives {got}, not {everything}")


def copy(client, broker, tools, source, reader):
    """Twice, with the same id: the second continues where the first had committed."""
    topic = "copy-" + slug(client.name)
    create(tools, topic)
    total = sum(n % 3 != 0 for n in range(COUNT)) * PARTITIONS
    options = {"bootstrap": broker.bootstrap, "source": source, "topic": topic,
               "id": "copy-" + slug(client.name), "group": "copy-" + slug(client.name)}
    driver.run(client.command, "copy", count=total, **options)
    lines = driver.run(client.command, "copy", count=0, **options)
    check(lines[-1]["copied"] == 0, f"copied again: {lines[-1]}")
    got = read(reader, broker, topic, "read_committed")
    wanted = sorted(n for n in range(COUNT) if n % 3 != 0 for _ in range(PARTITIONS))
    check(got == wanted, f"the copy holds {got}, not {wanted}")
    for committed, end in group_offsets(tools, options["group"]).values():
        # The marker behind the last record is nobody's to commit.
        check(end - committed <= 1, f"the group is at {committed} of {end}")


def group_offsets(tools, group):
    out = tools.good("groups", "--describe", "--group", group)
    rows = re.findall(rf"^{group}\s+\S+\s+(\d+)\s+(\d+)\s+(\d+)", out, re.M)
    check(len(rows) == PARTITIONS, f"{len(rows)} rows of {PARTITIONS}:\n{out}")
    return {int(p): (int(c), int(e)) for p, c, e in rows}


def fence(client, broker, tools, reader):
    topic = "fence-" + slug(client.name)
    create(tools, topic)
    lines = driver.run(client.command, "fence", bootstrap=broker.bootstrap, topic=topic,
                       id="fence-" + slug(client.name))
    why = lines[-1]["fenced"]
    check(why is not None and re.search("fence|epoch", why, re.I), f"not fenced: {why}")
    lines = driver.run(reader.command, "isolated", bootstrap=broker.bootstrap, topic=topic,
                       level="read_committed")
    check(lines[-1]["values"] == ["alive"], f"read: {lines[-1]}")


def listed(tools):
    out = tools.good("transactions", "list")
    check("id-" in out and "CompleteCommit" in out, f"list:\n{out}")


def described(tools, client, topic):
    out = tools.good("transactions", "describe", "--transactional-id", "id-" + slug(client.name))
    check(re.search(r"CompleteCommit|CompleteAbort", out), f"describe:\n{out}")
    out = tools.good("transactions", "describe-producers", "--topic", topic, "--partition", 0)
    check(re.search(r"^\d+\s+\d+", out, re.M), f"describe-producers:\n{out}")


def aborted(tools, broker, reader):
    """A producer that hangs: its transaction is found, then aborted by the tool."""
    topic = "hanging"
    create(tools, topic)
    hanging = driver.Driver(reader.command, "hang", bootstrap=broker.bootstrap, topic=topic,
                            id="hanging")
    try:
        hanging.wait_for(lambda lines: any("open" in x for x in lines), 60, "an open transaction")
        out = tools.good("transactions", "describe-producers", "--topic", topic, "--partition", 0)
        row = re.search(r"^(\d+)\s+(\d+)\s+\S+\s+\S+\s+\S+\s+(\d+)", out, re.M)
        check(row, f"no open transaction in:\n{out}")
        tools.good("transactions", "abort", "--topic", topic, "--partition", 0, "--start-offset",
                   row[3])
        out = tools.good("transactions", "describe-producers", "--topic", topic, "--partition", 0)
        check(re.search(r"None\s*$", out, re.M), f"still open:\n{out}")
    finally:
        hanging.kill()


def none_hangs(tools):
    out = tools.good("transactions", "find-hanging", "--broker-id", 1)
    check(not re.search(r"^\S+\s+\d+\s+\d+", out, re.M), f"find-hanging:\n{out}")


def run(results, broker, work, chosen):
    speakers = [c for c in chosen if c.name in SPEAKERS] or [clients.known.confluent()]
    reader = next((c for c in speakers if c.name == "confluent-kafka"), clients.known.confluent())
    with KafkaTools(broker.bootstrap) as tools:
        for client in speakers:
            topic = results.run(SUITE, client.name, "commits and aborts", transact, client, broker,
                                tools)
            for other in speakers if topic else ():
                results.run(SUITE, other.name, f"reads what {client.name} wrote", isolated, other,
                            broker, topic)
            if topic:
                results.run(SUITE, client.name, "copies exactly once", copy, client, broker, tools,
                            topic, reader)
                results.run(SUITE, "TransactionsCommand", f"describes {client.name}'s", described,
                            tools, client, topic)
            results.run(SUITE, client.name, "is fenced", fence, client, broker, tools, reader)
        results.run(SUITE, "TransactionsCommand", "list", listed, tools)
        results.run(SUITE, "TransactionsCommand", "abort", aborted, tools, broker, reader)
        results.run(SUITE, "TransactionsCommand", "find-hanging finds none", none_hangs, tools)
        for how, end in (("restart", broker.stop), ("kill -9", broker.kill)):
            end()
            broker.start()
            for client in speakers:
                results.run(SUITE, client.name, f"goes on after {how}", again, client, broker,
                            tools, how)


def again(client, broker, tools, how):
    """The same transactional id after a restart: a new topic, everything as before."""
    topic = f"tx-{slug(client.name)}-{slug(how)}"
    create(tools, topic)
    driver.run(client.command, "transact", bootstrap=broker.bootstrap, topic=topic,
               id="id-" + slug(client.name), count=COUNT)
    isolated(client, broker, topic)
