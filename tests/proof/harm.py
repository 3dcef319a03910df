"""What may happen to a scheduler's cluster: done through librdkafka's own administration.

  harm.py offsets bootstrap= group= to=N|gone    moves the group's positions in the commands
  harm.py config bootstrap= topic= NAME=VALUE…   sets the topic's configuration
  harm.py create bootstrap= topic= [partitions=3] [NAME=VALUE…]
  harm.py delete bootstrap= topic=
  harm.py hold bootstrap= key= value=            a command in a transaction that stays open until
                                                 stdin closes, and is aborted then
Says {"done": verb}; `hold` says it as soon as its command is written.
"""
import pathlib
import sys
import time

import confluent_kafka as ck
import confluent_kafka.admin as ka

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop" / "drivers"))
import common  # noqa: E402

COMMANDS = "horolog.schedules"
OWN = ("bootstrap", "group", "to", "topic", "partitions", "key", "value")


def all_done(futures):
    for future in futures.values():
        future.result(30)


def admin(o):
    return ka.AdminClient({"bootstrap.servers": o["bootstrap"]})


def more(o):
    return {name: value for name, value in o.items() if name not in OWN}


def offsets(o):
    client = admin(o)
    known = client.list_topics(COMMANDS, 30).topics[COMMANDS].partitions
    if o["to"] == "gone":
        all_done(client.delete_consumer_groups([o["group"]]))
        return
    places = [ck.TopicPartition(COMMANDS, p, int(o["to"])) for p in known]
    all_done(client.alter_consumer_group_offsets(
        [ck.ConsumerGroupTopicPartitions(o["group"], places)]))


def config(o):
    client = admin(o)  # it must live until the answers are there
    entries = [ka.ConfigEntry(name, value, incremental_operation=ka.AlterConfigOpType.SET)
               for name, value in more(o).items()]
    all_done(client.incremental_alter_configs(
        [ka.ConfigResource(ka.ConfigResource.Type.TOPIC, o["topic"],
                           incremental_configs=entries)]))


def create(o):
    client = admin(o)
    end = time.monotonic() + 30
    while True:  # a topic that was just deleted may be there for a moment
        try:
            return all_done(client.create_topics(
                [ka.NewTopic(o["topic"], int(o.get("partitions", 3)), 1, config=more(o))]))
        except ck.KafkaException as e:
            if e.args[0].code() != ck.KafkaError.TOPIC_ALREADY_EXISTS or time.monotonic() > end:
                raise
            time.sleep(0.2)


def delete(o):
    client = admin(o)
    all_done(client.delete_topics([o["topic"]]))


def hold(o):
    closed = common.input_closed()
    producer = ck.Producer({"bootstrap.servers": o["bootstrap"], "transactional.id": "foreign",
                            "transaction.timeout.ms": 60000, "partitioner": "murmur2"})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(COMMANDS, key=o["key"], value=o["value"], headers=list(more(o).items()))
    producer.flush(30)
    common.emit(done="hold")
    closed.wait()
    producer.abort_transaction(30)


if __name__ == "__main__":
    verb, options = common.arguments()
    {"offsets": offsets, "config": config, "create": create, "delete": delete,
     "hold": hold}[verb](options)
    if verb != "hold":
        common.emit(done=verb)
