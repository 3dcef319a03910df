"""Suite `admin`: the administration clients of four libraries.

A driver is started as `… admin bootstrap= topic= data= group=`: `topic` is its own to create and
delete, `data` has 2 partitions with 10 records each. It prints what it found, a JSON object a
line; every fact must be as below. `also` names facts that not every library can ask for.
"""
from harness import clients as known
from harness import driver, paths
from harness.results import check

from . import clients

SUITE = "admin"
FACTS = {"listed": True, "partitions": 2, "retention": "3600000", "altered": "7200000",
         "grown": 3, "end_offsets": [10, 10], "low_watermark": 4, "group_listed": True,
         "group_state": "Empty", "group_offset": 7, "group_deleted": True, "brokers": [1],
         "acls": "SECURITY_DISABLED", "deleted": True}
MORE = {"election": "ELECTION_NOT_NEEDED", "scram": "RESOURCE_NOT_FOUND", "log_dirs": 1,
        "quorum_leader": 1, "reassignments": 0, "config_resources": True}
# How each library spells an error.
SPELLINGS = {"_SECURITY_DISABLED": "SECURITY_DISABLED", "SecurityDisabledError":
             "SECURITY_DISABLED", "EMPTY": "Empty"}


def administer(command, broker, name, also):
    data, slug = f"data-{name}", "".join(c if c.isalnum() else "-" for c in name)
    clients.fill(data, broker, 10, partitions=2)
    lines = driver.run(command, "admin", bootstrap=broker.bootstrap, topic=f"made-{slug}",
                       data=data, group=f"group-{slug}")
    found = {}
    for line in lines:
        found.update(line)
    found = {k: SPELLINGS.get(v, v) if isinstance(v, str) else v for k, v in found.items()}
    wanted = {**FACTS, **{name: MORE[name] for name in also}}
    wrong = [f"{k}: {found.get(k, '(not told)')!r}, not {v!r}" for k, v in wanted.items()
             if found.get(k) != v]
    check(not wrong, "\n".join(wrong))


def run(results, broker, _work, chosen):
    by_name = {c.name: c for c in chosen}
    if "confluent-kafka" in by_name:
        results.run(SUITE, "confluent-kafka", "AdminClient", administer,
                    [known.python_env(), paths.DRIVERS / "confluent_admin.py"], broker,
                    "confluent", ("election", "scram"))
    if "kafka-python" in by_name:
        results.run(SUITE, "kafka-python", "KafkaAdminClient", administer,
                    [known.python_env(), paths.DRIVERS / "kafka_python_admin.py"], broker,
                    "kafka-python", ("log_dirs", "quorum_leader", "reassignments",
                                     "config_resources"))
    if "KafkaJS" in by_name:
        # The same node and modules as for its driver, which stands last.
        node = [*by_name["KafkaJS"].command[:-1], paths.DRIVERS / "js/admin.js"]
        results.run(SUITE, "KafkaJS", "Admin", administer, node, broker, "kafkajs",
                    ("reassignments",))
    if any(name.startswith("franz-go") for name in by_name):
        results.run(SUITE, "franz-go", "kadm", kadm, broker)


def kadm(broker):
    administer([known.franz_admin()], broker, "kadm",
               ("election", "scram", "log_dirs", "reassignments"))
