"""Suite `own_older`: the library on the last Apache Kafka of the line before: produce, groups,
transactions. Its transactions go by the first version of the protocol there."""
from harness.broker import Kafka

from . import own_copy, own_groups, own_producer

SUITE = "own_older"
VERSION = "3.9.1"
CASES = {"records, lz4": lambda broker: own_producer.codec(broker, "lz4"),
         "transactions and offsets": own_producer.transactions,
         "members that come and go, none twice": own_groups.come_and_go,
         "a static member that comes back": own_groups.static,
         "copied exactly once, killed at every step": own_copy.killed_everywhere}


def run(results, _broker, folder, _chosen):
    with Kafka(folder / "kafka", ["num.partitions=3"], VERSION) as kafka:
        for name, case in CASES.items():
            results.run(SUITE, f"Apache Kafka {VERSION}", name, case, kafka)
