"""Suite `own_command`, the cases about groups of clients that are not ours."""
import contextlib
import re
import subprocess

from harness import clients as known
from harness import driver
from harness.results import check

FILL = """
import sys, time, confluent_kafka as c
p = c.Producer({'bootstrap.servers': sys.argv[1], 'enable.idempotence': True})
for n in range(300):
    p.produce('own-orders', b'value %d' % n, b'key %d' % n, partition=n % 3,
              timestamp=1700000000000 + 1000 * n)
assert p.flush(30) == 0
g = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'own-billing'})
offsets = [c.TopicPartition('own-orders', 0, 40), c.TopicPartition('own-orders', 1, 100)]
for attempt in range(300):
    try:
        g.commit(offsets=offsets, asynchronous=False)
        break
    except c.KafkaException as e:  # the coordinator of a broker that has just started loads yet
        if e.args[0].code() != c.KafkaError.COORDINATOR_LOAD_IN_PROGRESS: raise
        time.sleep(0.1)
else: sys.exit('the coordinator does not finish loading')
"""

MEMBER = """
import sys, confluent_kafka as c
g = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'own-active',
                'client.id': 'own-client', 'auto.offset.reset': 'earliest'})
g.subscribe(['own-orders'])
while not g.assignment(): g.poll(0.1)
print('joined', flush=True)
while True: g.poll(0.1)
"""


NEWER = """
import sys, confluent_kafka as c
g = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'own-newer',
                'client.id': 'own-newer-client', 'group.protocol': 'consumer',
                'auto.offset.reset': 'earliest', 'enable.auto.commit': False})
g.subscribe(['own-orders'])
got = 0
while got < 10: got += g.poll(0.1) is not None
g.commit(asynchronous=False)
print('joined', flush=True)
while True: g.poll(0.1)
"""


def python():
    return str(known.confluent().command[0])


def fill(call):
    call("topic", "create", "own-orders", "-p", 3, "-c", "retention.ms=-1")
    done = subprocess.run([python(), "-c", FILL, call.bootstrap], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    check(done.returncode == 0, done.stdout)


@contextlib.contextmanager
def member(call, program=MEMBER):
    """A client of another make in the group own-active, or as the program has it."""
    with subprocess.Popen([python(), "-c", program, call.bootstrap], stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            check(process.stdout.readline() == "joined\n", "the member did not join")
            yield
        finally:
            process.kill()


def reset_and_undo(call):
    before = call.out("group", "export", "own-billing")
    check(before == "own-orders,0,40\nown-orders,1,100\n", before)
    plan = call.json("group", "reset", "own-billing", "--to", "-10", code=6)["plan"]
    check([row["new"] for row in plan] == [30, 90], plan)
    check(plan[0]["effect"] == "replays 10 records", plan)
    check(call.out("group", "export", "own-billing") == before, "a plan changed something")
    done = call("group", "reset", "own-billing", "--to", "@2023-11-14T22:13:50Z", "--execute")
    check(call.out("group", "export", "own-billing") == "own-orders,0,10\nown-orders,1,10\n",
          "not moved")
    undo = re.search(r"undo: horolog (.*)", done.stderr).group(1).split()
    call(*undo)
    check(call.out("group", "export", "own-billing") == before, "undo did not bring it back")
    # Kafka's spellings, and its file.
    call("group", "reset", "--group", "own-billing", "--topic", "own-orders:0", "--to-earliest",
         "--execute")
    check("own-orders,0,0\n" in call.out("group", "export", "own-billing"), "--to-earliest")
    file = call.home / "plan.csv"
    file.write_text("own-billing,own-orders,0,40\n")
    call("group", "import", file, "--execute")
    check(call.out("group", "export", "own-billing") == before, "import")
    call.fails(3, "group", "describe", "own-biling", says=["did you mean 'own-billing'?"])
    call.fails(2, "group", "reset", "own-billing", "--to", "@yesterday", says=["is no time"])
    call.fails(6, "group", "reset", "own-billing", "-t", "__consumer_offsets", "--to", "latest",
               says=["--allow-new-topics"])


def active_group(call):
    with member(call):
        members = call.json("group", "members", "own-active")["members"]
        check(len(members) == 1 and members[0]["client_id"] == "own-client", members)
        check(members[0]["assignment"] == "own-orders:0,1,2", members)
        done = call("group", "reset", "own-active", "-t", "own-orders", "--allow-new-topics",
                    "--to", "earliest", "--execute", code=6)
        for text in ("has 1 members", "own-client", members[0]["member_id"]):
            check(text in done.stderr, f"'{text}' is not in:\n{done.stderr}")
        call("group", "rm", "own-active", "--yes", code=6)


def others_group(call, client):
    """As an operator would: look, be refused, wait for the member, move, and move back."""
    name = "own-" + "".join(c if c.isalnum() else "-" for c in client.name)
    member_of = driver.Driver(client.command, "member", bootstrap=call.bootstrap,
                              topic="own-orders", group=name, assignor="range")
    try:
        member_of.wait_for(lambda lines: sum(1 for x in lines if "o" in x) == 300, 60,
                           "every record read")
        found = call.json("group", "describe", name)
        check(found["state"] == "Stable" and found["members"] == 1, found)
        rows = found["partitions"]
        check(len(rows) == 3 and all(row["member_id"] and row["host"] for row in rows), rows)
        refused = call("group", "reset", name, "-t", "own-orders", "--to", "earliest", "--execute",
                       code=6)
        check(rows[0]["member_id"] in refused.stderr, refused.stderr)
        member_of.leave()
    finally:
        if member_of.process.poll() is None:
            member_of.kill()
    before = call.out("group", "export", name)
    check(before == "".join(f"own-orders,{p},100\n" for p in range(3)), before)
    done = call("group", "reset", name, "--to", "earliest", "--execute")
    check(call.json("group", "describe", name)["total_lag"] == 300, "not at the beginning")
    call(*re.search(r"undo: horolog (.*)", done.stderr).group(1).split())
    check(call.out("group", "export", name) == before, "undo did not bring it back")


def newer_group(call):
    """A group of KIP-848: looked at like any other, and as little moved while it is active."""
    with member(call, NEWER):
        found = call.json("group", "describe", "own-newer")
        check(found["type"] == "consumer" and found["state"] == "Stable", found)
        check(found["members"] == 1 and found["idle_members"] == 0, found)
        rows = found["partitions"]
        check({row["client_id"] for row in rows} == {"own-newer-client"}, rows)
        check(sum(row["committed"] or 0 for row in rows) >= 10, rows)
        members = call.json("group", "members", "own-newer")["members"]
        check(members[0]["assignment"] == "own-orders:0,1,2", members)
        done = call("group", "reset", "own-newer", "-t", "own-orders", "--to", "earliest",
                    "--execute", code=6)
        check("own-newer-client" in done.stderr, done.stderr)
        check("own-newer" in call.out("group", "top", "--output", "name"), "not in top")
        names = call.out("group", "ls", "--type", "consumer", "--output", "name")
        check(names == "own-newer\n", f"groups of the newer protocol: {names}")
