"""KafkaAdminClient of kafka-python (facts and arguments: cases/admin_clients.py)."""
import common
from kafka import TopicPartition
from kafka.admin import (ACLFilter, ACLOperation, ACLPermissionType, ACLResourcePatternType,
                         ConfigResource, ConfigResourceType, KafkaAdminClient, NewPartitions,
                         NewTopic, OffsetSpec, ResourcePatternFilter, ResourceType)
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata


def code(error):
    """Kafka's name of an error that the library turned into a class."""
    return getattr(error, "message", "") or type(error).__name__


def retention(admin, topic):
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")
    [by_name] = found.values()
    return by_name[topic]["retention.ms"]["value"]


def topics(admin, topic):
    admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "3600000"})],
                        wait_for_metadata=True)
    common.emit(listed=topic in admin.list_topics())
    common.emit(partitions=len(admin.describe_topics([topic])[0]["partitions"]))
    common.emit(retention=retention(admin, topic))
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic,
                                        configs={"retention.ms": "7200000"})])
    common.emit(altered=retention(admin, topic))
    admin.create_partitions({topic: NewPartitions(3)})
    paged = admin.describe_topic_partitions([topic])
    common.emit(grown=len(paged["topics"][0]["partitions"]))


def offsets(admin, data):
    parts = [TopicPartition(data, p) for p in (0, 1)]
    found = admin.list_partition_offsets({p: OffsetSpec.LATEST for p in parts})
    common.emit(end_offsets=[found[p].offset for p in parts])
    admin.delete_records({parts[0]: 4})
    found = admin.list_partition_offsets({parts[0]: OffsetSpec.EARLIEST})
    common.emit(low_watermark=found[parts[0]].offset)


def groups(admin, group, data):
    part = TopicPartition(data, 1)
    admin.alter_group_offsets(group, {part: OffsetAndMetadata(7, "", -1)})
    common.emit(group_listed=group in [g["group_id"] for g in admin.list_groups()])
    common.emit(group_state=admin.describe_groups([group])[group]["group_state"])
    common.emit(group_offset=admin.list_group_offsets([group])[group][part].offset)
    admin.delete_groups([group])
    common.emit(group_deleted=group not in [g["group_id"] for g in admin.list_groups()])


def cluster(admin, data):
    common.emit(brokers=[b["broker_id"] for b in admin.describe_cluster()["brokers"]])
    dirs = admin.describe_log_dirs([data])
    common.emit(log_dirs=len(dirs))
    quorum = admin.describe_metadata_quorum()
    common.emit(quorum_leader=quorum["topics"][0]["partitions"][0]["leader_id"])
    common.emit(reassignments=len(admin.list_partition_reassignments()))
    names = admin.list_config_resources(["TOPIC"])
    common.emit(config_resources=any(data in found for found in names.values()))
    try:
        _, error = admin.describe_acls(ACLFilter(
            principal=None, host="*", operation=ACLOperation.ANY,
            permission_type=ACLPermissionType.ANY,
            resource_pattern=ResourcePatternFilter(ResourceType.ANY, None,
                                                   ACLResourcePatternType.ANY)))
        raise error
    except KafkaError as e:
        common.emit(acls=code(e))


def main():
    _, o = common.arguments()
    admin = KafkaAdminClient(bootstrap_servers=o["bootstrap"])
    topics(admin, o["topic"])
    offsets(admin, o["data"])
    groups(admin, o["group"], o["data"])
    cluster(admin, o["data"])
    admin.delete_topics([o["topic"]])
    common.emit(deleted=o["topic"] not in admin.list_topics())
    admin.close()


main()
