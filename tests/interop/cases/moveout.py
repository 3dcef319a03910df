"""Suite `moveout`: Apache Kafka opens a copy of a cleanly stopped Horolog's data directory and
serves the same; Horolog then opens what Kafka has extended.
"""
import json
import shutil
import subprocess

from harness import clients as known
from harness import paths
from harness.broker import Horologd, Kafka
from harness.results import CaseError, check

from . import clients

SUITE = "moveout"

# What Kafka shows differently, with the reason. Everything else must be the same.
DIFFERENCES = {
    "configs": {"horolog.durability": "Kafka does not know the setting and does not describe it"},
}


def state(broker):
    """drivers/state.py: all that clients can see."""
    python = known.confluent().command[0]
    done = subprocess.run([str(python), str(paths.DRIVERS / "state.py"), broker.bootstrap],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180,
                          check=False)
    if done.returncode != 0:
        raise CaseError(f"the state of {broker.name} cannot be read:\n{done.stderr[-2000:]}\n"
                        f"{broker.tail()}")
    return json.loads(done.stdout)


def script(broker, code):
    done = subprocess.run([str(known.confluent().command[0]), "-c", code, broker.bootstrap],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          check=False)
    check(done.returncode == 0, done.stdout[-2000:])


# Topics with settings of their own, one that is empty, one whose beginning was deleted.
PREPARE = """
import sys, confluent_kafka as c, confluent_kafka.admin as a
admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})
made = {'configured': {'retention.ms': '86400000', 'max.message.bytes': '123456',
                       'cleanup.policy': 'compact,delete', 'horolog.durability': 'os'},
        'empty': {}, 'shortened': {'segment.bytes': '1048576'}}
for n, f in admin.create_topics([a.NewTopic(n, 2, 1, config=s) for n, s in made.items()]).items():
    f.result(30)
p = c.Producer({'bootstrap.servers': sys.argv[1], 'enable.idempotence': True})
for n in range(500):
    p.produce('shortened', b'%d' % n, partition=0)
    p.produce('configured', b'%d' % n, b'key %d' % n, partition=1)
assert p.flush(30) == 0
for f in admin.delete_records([c.TopicPartition('shortened', 0, 321)]).values(): f.result(30)
for f in admin.create_partitions([a.NewPartitions('empty', 3)]).values(): f.result(30)
for f in admin.create_topics([a.NewTopic('removed', 1, 1)]).values(): f.result(30)
for f in admin.delete_topics(['removed']).values(): f.result(30)
"""

# What a user of Kafka would do next.
EXTEND = """
import sys, time, confluent_kafka as c, confluent_kafka.admin as a
admin = a.AdminClient({'bootstrap.servers': sys.argv[1]})
for f in admin.create_topics([a.NewTopic('by-kafka', 2, 1, config={'retention.ms': '7200000'})]
                             ).values(): f.result(30)
p = c.Producer({'bootstrap.servers': sys.argv[1], 'enable.idempotence': True,
                'compression.type': 'zstd'})
for n in range(1000):
    p.produce('by-kafka', b'%d' % n, partition=n % 2)
    p.produce('shortened', b'more %d' % n, partition=0, headers=[('h', b'x')])
assert p.flush(30) == 0
g = c.Consumer({'bootstrap.servers': sys.argv[1], 'group.id': 'by-kafka'})
for attempt in range(600):
    try:
        g.commit(offsets=[c.TopicPartition('by-kafka', 1, 77, 'note')], asynchronous=False)
        break
    except c.KafkaException as e:  # the coordinator of a broker that has just started loads yet
        if e.args[0].code() != c.KafkaError.COORDINATOR_LOAD_IN_PROGRESS: raise
        time.sleep(0.1)
else: sys.exit('the coordinator does not finish loading')
for f in admin.incremental_alter_configs([a.ConfigResource('topic', 'configured',
        incremental_configs=[a.ConfigEntry('retention.ms', '5000000',
        incremental_operation=a.AlterConfigOpType.SET)])]).values(): f.result(30)
"""


def check_data(binary, folder, code=0):
    """horologd check on a data directory."""
    done = subprocess.run([str(binary), "check", str(folder)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    check(done.returncode == code, f"exit code {done.returncode}, not {code}:\n{done.stdout}")


def prepare(broker, work):
    clients.fill("many", broker, 2000, partitions=3, create=1, segment=1 << 20, idempotent=1,
                 values=300)
    clients.roundtrip(known.confluent(), broker, work)
    clients.group(known.confluent(), broker)
    script(broker, PREPARE)
    found = state(broker)
    check(len(found["topics"]) >= 9 and found["groups"], f"too little to compare: {found.keys()}")
    check(broker.stop() == 0, f"no clean stop:\n{broker.tail()}")
    return found


def first_difference(wanted, got, where=""):
    """Path and both values of the first place at which two JSON values differ."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() | got.keys()):
            if key not in wanted or key not in got:
                return f"{where}/{key}: {'missing' if key in wanted else 'only there'}"
            found = first_difference(wanted[key], got[key], f"{where}/{key}")
            if found:
                return found
        return None
    if isinstance(wanted, list) and isinstance(got, list):
        for n, (a, b) in enumerate(zip(wanted, got)):
            found = first_difference(a, b, f"{where}[{n}]")
            if found:
                return found
    return None if wanted == got else f"{where}: {str(wanted)[:200]} became {str(got)[:200]}"


def without_allowed(found):
    for topic in found["topics"].values():
        for name in DIFFERENCES["configs"]:
            topic["configs"].pop(name, None)
    return found


def serve_same(kafka, binary, wanted):
    kafka.start()
    check_data(binary, kafka.data, code=6)
    found = without_allowed(state(kafka))
    difference = first_difference(without_allowed(wanted), found)
    check(difference is None, f"Kafka shows something else: {difference}")


def extend(kafka, binary):
    script(kafka, EXTEND)
    found = state(kafka)
    kafka.stop()
    check_data(binary, kafka.data)
    return found


def come_back(horolog, wanted):
    horolog.start()
    found = state(horolog)
    difference = first_difference(without_allowed(wanted), without_allowed(found))
    check(difference is None, f"Horolog shows something else: {difference}")
    check("unclean" not in horolog.tail(200), f"not taken as cleanly stopped:\n{horolog.tail()}")
    check(horolog.stop() == 0, f"no clean stop:\n{horolog.tail()}")


def run(results, broker, work, _chosen):
    wanted = results.run(SUITE, "Horolog", "data and a clean stop", prepare, broker, work)
    if not wanted:
        return
    binary = paths.default_binary() if broker.name == "kafka" else broker.binary
    results.run(SUITE, "Horolog", "check finds the directory sound", check_data, binary,
                broker.data)
    copy = work / "kafka"
    shutil.copytree(broker.data, copy / "data")
    kafka = Kafka(copy)
    try:
        if not results.run(SUITE, "Apache Kafka", "serves a copy of the directory", serve_same,
                           kafka, binary, wanted):
            return
        extended = results.run(SUITE, "Apache Kafka", "extends it and stops", extend, kafka,
                               binary)
    finally:
        if kafka.pid is not None:
            kafka.kill()
    if extended:
        back = Horologd(work / "back", broker.settings, binary)
        back.data = copy / "data"
        try:
            results.run(SUITE, "Horolog", "opens what Kafka has extended", come_back, back,
                        extended)
        finally:
            if back.pid is not None:
                back.kill()
    for kind, names in DIFFERENCES.items():
        for name, reason in names.items():
            print(f"  allowed difference: {kind} {name}: {reason}", flush=True)
