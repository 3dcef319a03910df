"""Prints as JSON all that clients can see of a broker: topics with their ids, configs, log ends and
records, and the committed offsets of every group. Usage: state.py BOOTSTRAP
"""
import base64
import json
import sys

import confluent_kafka as ck
from confluent_kafka import admin as ka

SET_ON_TOPIC = 1  # ConfigSource: set on the topic itself
INTERNAL = ("__consumer_offsets", "__transaction_state", "__share_group_state")


def text(raw):
    return None if raw is None else base64.b64encode(raw).decode()


def records(bootstrap, topic, partition):
    reader = ck.Consumer({"bootstrap.servers": bootstrap, "group.id": "state-reader",
                          "enable.auto.commit": False, "enable.partition.eof": True})
    at = ck.TopicPartition(topic, partition, ck.OFFSET_BEGINNING)
    low, high = reader.get_watermark_offsets(at, 30)
    out = []
    reader.assign([at])
    while low < high:
        m = reader.poll(30)
        if m is None:
            raise SystemExit(f"{topic}-{partition}: nothing more after {len(out)} records")
        if m.error():
            if m.error().code() == ck.KafkaError._PARTITION_EOF:
                break
            raise ck.KafkaException(m.error())
        out.append([m.offset(), list(m.timestamp()), text(m.key()), text(m.value()),
                    [[k, text(v)] for k, v in m.headers() or []]])
    reader.close()
    return {"start": low, "end": high, "records": out}


def configs(admin, names):
    asked = [ka.ConfigResource(ka.ResourceType.TOPIC, n) for n in names]
    out = {}
    for resource, future in admin.describe_configs(asked).items():
        out[resource.name] = {e.name: e.value for e in future.result(30).values()
                              if e.source == SET_ON_TOPIC}
    return out


def committed(admin):
    out = {}
    for group in admin.list_consumer_groups().result(30).valid:
        request = [ck.ConsumerGroupTopicPartitions(group.group_id)]
        found = admin.list_consumer_group_offsets(request)[group.group_id].result(30)
        out[group.group_id] = {f"{t.topic}-{t.partition}": [t.offset, t.metadata]
                               for t in found.topic_partitions}
    return out


def main(bootstrap):
    admin = ka.AdminClient({"bootstrap.servers": bootstrap})
    seen = admin.list_topics(timeout=30)
    names = sorted(n for n in seen.topics if n not in INTERNAL)
    ids = {}
    for name, future in admin.describe_topics(ck.TopicCollection(names)).items():
        ids[name] = str(future.result(30).topic_id)
    set_configs = configs(admin, names)
    topics = {}
    for name in names:
        parts = sorted(seen.topics[name].partitions)
        topics[name] = {"id": ids[name], "configs": set_configs[name],
                        "partitions": {str(p): records(bootstrap, name, p) for p in parts}}
    print(json.dumps({"cluster": seen.cluster_id, "topics": topics, "groups": committed(admin)}))


if __name__ == "__main__":
    main(sys.argv[1])
