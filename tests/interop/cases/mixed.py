"""Suite `mixed`: members in three languages share one group, with Kafka's range assignor."""
from harness import clients as known

from . import clients

SUITE = "mixed"
NAMES = ("java", "librdkafka", "franz-go", "franz-go-old", "kafkajs", "kafka-python")


def run(results, broker, _work, chosen):
    """The first member is killed; the others take its partitions over."""
    del chosen
    made = [m for m in (known.ALL[n]() for n in NAMES) if m is not None]
    by_name = {m.name: m for m in made}
    groups = [("Java client", "librdkafka", "franz-go"), ("librdkafka", "Java client", "franz-go"),
              ("franz-go (Debian's Go)", "Java client", "librdkafka"),
              ("KafkaJS", "librdkafka", "kafka-python")]
    for names in groups:
        members = [by_name[n] for n in names if n in by_name]
        if len(members) < 3:
            continue
        label = known.Client(" + ".join(names), "", "", [])
        results.run(SUITE, label.name, f"{names[0]} dies", clients.group, label, broker, members)
