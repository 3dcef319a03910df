"""Suite `own_consumer`: our consumer reads what others wrote, and shares groups with them.

Its driver is the program own_consumer of the build, drivers/own_consumer.cpp.
"""
import os
import pathlib

from harness import clients as known
from harness import driver, paths
from harness.kafka_tools import KafkaTools
from harness.results import check

from . import clients, records, transactions

SUITE = "own_consumer"
WRITERS = ("Java client", "librdkafka", "kcat")


def program():
    """Beside the broker, also when that one is Apache Kafka."""
    folder = pathlib.Path(os.environ.get("HOROLOGD", paths.default_binary())).parent
    found = folder / "own_consumer"
    check(found.exists(), f"{found} is missing: build the target own_consumer")
    return known.Client("own consumer", "C++", "", [found])


def reads_back(own, writer, broker, work):
    """Every codec, nulls, empty and binary keys, values and headers, byte for byte."""
    wanted, _ = clients.roundtrip(writer, broker, work)
    prefix = "rt-" + "".join(c if c.isalnum() else "-" for c in writer.name)
    for codec in writer.codecs:
        got = driver.run(own.command, "read", bootstrap=broker.bootstrap,
                         topic=f"{prefix}-{codec}", codec=codec, count=len(wanted))
        records.compare(wanted, got, "timestamp" not in writer.lacks)


def shares(own, others, broker, assignor, who_dies):
    """Three members share a topic; one is killed; the others go on where it had committed."""
    members = []
    topic = f"own-{assignor}-{who_dies}"
    clients.fill(topic, broker, 50, create=1)
    options = {"bootstrap": broker.bootstrap, "topic": topic, "group": topic,
               "assignor": assignor}
    try:
        for client in (own, *others):
            members.append(driver.Driver(client.command, "member", **options))
        clients.wait_shared(members, clients.PARTITIONS)
        clients.wait_read(members, 50)
        dying = members[who_dies]
        dying.kill()
        rest = [m for m in members if m is not dying]
        clients.wait_shared(rest, clients.PARTITIONS)
        clients.fill(topic, broker, 50, 50)
        clients.wait_read(members, 100)
        for m in rest:
            m.leave()
    finally:
        for m in members:
            if m.process.poll() is None:
                m.kill()
    clients.check_order(members)
    lines = driver.run(own.command, "committed", bootstrap=broker.bootstrap, topic=topic,
                       group=topic)
    wanted = {str(p): 100 for p in range(clients.PARTITIONS)}
    check(lines[-1]["committed"] == wanted, f"committed: {lines[-1]}")


def isolated(own, broker):
    with KafkaTools(broker.bootstrap) as tools:
        topic = transactions.transact(known.confluent(), broker, tools)
    transactions.isolated(own, broker, topic)


def run(results, broker, work, chosen):
    own = results.run(SUITE, "own consumer", "built", program)
    if own is None:
        return
    by_name = {c.name: c for c in chosen}
    for name in WRITERS:
        if name in by_name:
            results.run(SUITE, name, "is read by our consumer", reads_back, own, by_name[name],
                        broker, work)
    java, librdkafka = by_name.get("Java client"), by_name.get("librdkafka")
    if java and librdkafka:
        for assignor, who, dies in (("range", 0, "ours dies"), ("roundrobin", 1, "Java's dies")):
            results.run(SUITE, f"{assignor}, with Java and librdkafka", dies, shares, own,
                        (java, librdkafka), broker, assignor, who)
        results.run(SUITE, "cooperative-sticky, with Java", "Java's dies", shares, own,
                    (java, own), broker, "cooperative-sticky", 1)
    results.run(SUITE, "own consumer", "read_committed", isolated, own, broker)
