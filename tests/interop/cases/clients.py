"""Suite `clients`: each client creates, produces, reads back, shares a group, keeps offsets."""
import json
import time

from harness import clients as known
from harness import driver
from harness.results import CaseError, check

from . import records

PARTITIONS = 6
SUITE = "clients"


def roundtrip(client, broker, work):
    path = work / f"records-{client.name.split()[0]}-{id(client)}.jsonl"
    wanted = records.make(7, client.lacks)
    records.write(path, wanted)
    prefix = "rt-" + "".join(c if c.isalnum() else "-" for c in client.name)
    lines = driver.run(client.command, "roundtrip", bootstrap=broker.bootstrap, prefix=prefix,
                       codecs=",".join(client.codecs), records=path)
    return wanted, lines


def compare(client, codec, wanted, lines):
    check({"read": codec} in lines, "the driver did not come to this codec")
    records.compare(wanted, [r for r in lines if r.get("codec") == codec],
                    "timestamp" not in client.lacks)


def fill(topic, broker, count, base=0, partitions=PARTITIONS, **options):
    """Numbered records in every partition, made by the reference client."""
    driver.run(known.confluent().command, "fill", bootstrap=broker.bootstrap, topic=topic,
               partitions=partitions, count=count, base=base, **options)


def owned(lines):
    """The partitions of a member's newest assignment."""
    found = [set(x["assigned"]) for x in lines if "assigned" in x]
    return found[-1] if found else set()


def committed_by(lines):
    out = {}
    for line in lines:
        for p, o in line.get("committed", {}).items():
            out[p] = max(o, out.get(p, 0))
    return out


def wait_shared(members, partitions, timeout=90):
    """Until the members' newest assignments are non-empty, disjoint and cover the topic."""
    def shared(_):
        for m in members:
            m.pump()
        parts = [owned(m.lines) for m in members]
        return all(parts) and sum(map(len, parts)) == partitions and \
            set.union(*parts) == set(range(partitions))

    members[0].wait_for(shared, timeout,
                        lambda: f"a shared assignment, but: {[owned(m.lines) for m in members]}")


def group(client, broker, mixed=()):
    """Two members share the topic; one is killed; the other goes on where it had committed."""
    commands = [c.command for c in (mixed or (client, client))]
    name = "group-" + "".join(c if c.isalnum() else "-" for c in client.name)
    fill(name, broker, 50, create=1)
    options = {"bootstrap": broker.bootstrap, "topic": name, "group": name, "assignor": "range"}
    members = []
    try:
        for command in commands:
            members.append(driver.Driver(command, "member", **options))
        wait_shared(members, PARTITIONS)
        fill(name, broker, 50, 50)
        wait_read(members, 100)
        members[0].kill()
        rest = members[1:]
        wait_shared(rest, PARTITIONS)
        fill(name, broker, 50, 100)
        wait_read(members, 150)
        for m in rest:
            m.leave()
    finally:
        for m in members:
            if m.process.poll() is None:
                m.kill()
    check_order(members)
    return name


def wait_read(members, count):
    def all_read(_):
        for m in members:
            m.pump()
        seen = {(x["p"], x["o"]) for m in members for x in m.lines if "o" in x}
        return len(seen) == PARTITIONS * count

    members[-1].wait_for(all_read, 120, lambda: "every record read: " + json.dumps(
        {i: len([x for x in m.lines if "o" in x]) for i, m in enumerate(members)}))


def check_order(members):
    """Offset n holds value n; between two assignments a member reads each partition in order."""
    for m in members:
        last = {}
        for x in m.lines:
            if "assigned" in x:
                last = {}
            elif "o" in x:
                check(str(x["o"]) == x["v"], f"partition {x['p']} offset {x['o']} holds {x['v']}")
                check(last.get(x["p"], x["o"] - 1) == x["o"] - 1,
                      f"partition {x['p']}: {x['o']} after {last.get(x['p'])}")
                last[x["p"]] = x["o"]


def committed(client, broker, topic):
    """A coordinator may say for a moment after a start that it is still loading: ask again then."""
    end = time.monotonic() + 30
    while True:
        try:
            lines = driver.run(client.command, "committed", bootstrap=broker.bootstrap,
                               topic=topic, group=topic)
            break
        except CaseError as e:
            if "coordinator" not in str(e).lower() or time.monotonic() > end:
                raise
            time.sleep(0.5)
    got = lines[-1]["committed"]
    wanted = {str(p): 150 for p in range(PARTITIONS)}
    check(got == wanted, f"committed offsets are {got}, not {wanted}")


def run(results, broker, work, chosen):
    """All clients against one broker, which is stopped once and killed once in between."""
    groups = []
    for client in chosen:
        print(f"{client.name} {client.version} {client.note}", flush=True)
        got = results.run(SUITE, client.name, "create and produce", roundtrip, client, broker, work)
        for codec in client.codecs if got else ():
            results.run(SUITE, client.name, codec, compare, client, codec, *got)
        topic = results.run(SUITE, client.name, "group", group, client, broker)
        if topic:
            groups.append((client, topic))
    reader = {c.name: c for c in chosen}
    for how, end in (("offsets after restart", broker.stop),
                     ("offsets after kill -9", broker.kill)):
        end()
        broker.start()
        for client, topic in groups:
            if "offsets" in client.lacks:
                client = reader.get("confluent-kafka") or known.confluent()
                results.run(SUITE, topic.removeprefix("group-"), how, committed, client, broker,
                            topic)
            else:
                results.run(SUITE, client.name, how, committed, client, broker, topic)
