"""AdminClient of confluent-kafka (facts and arguments: cases/admin_clients.py)."""
import common
from confluent_kafka import (ConsumerGroupTopicPartitions, ElectionType, KafkaException,
                             TopicCollection, TopicPartition)
from confluent_kafka.admin import (AclBinding, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions,
                                   NewTopic, OffsetSpec, ResourcePatternType, ResourceType)


def only(futures):
    [future] = futures.values()
    return future.result(30)


def topics(admin, topic):
    only(admin.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "3600000"})]))
    common.emit(listed=topic in admin.list_topics(timeout=30).topics)
    seen = only(admin.describe_topics(TopicCollection([topic])))
    common.emit(partitions=len(seen.partitions))
    resource = ConfigResource(ResourceType.TOPIC, topic)
    common.emit(retention=only(admin.describe_configs([resource]))["retention.ms"].value)
    change = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[
        ConfigEntry("retention.ms", "7200000", incremental_operation=AlterConfigOpType.SET)])
    only(admin.incremental_alter_configs([change]))
    common.emit(altered=only(admin.describe_configs([resource]))["retention.ms"].value)
    only(admin.create_partitions([NewPartitions(topic, 3)]))
    common.emit(grown=len(only(admin.describe_topics(TopicCollection([topic]))).partitions))


def offsets(admin, data):
    latest = {TopicPartition(data, p): OffsetSpec.latest() for p in (0, 1)}
    found = {tp.partition: f.result(30).offset for tp, f in admin.list_offsets(latest).items()}
    common.emit(end_offsets=[found[0], found[1]])
    only(admin.delete_records([TopicPartition(data, 0, 4)]))
    first = {TopicPartition(data, 0): OffsetSpec.earliest()}
    common.emit(low_watermark=only(admin.list_offsets(first)).offset)


def groups(admin, group, data):
    only(admin.alter_consumer_group_offsets([
        ConsumerGroupTopicPartitions(group, [TopicPartition(data, 1, 7)])]))
    listed = admin.list_consumer_groups().result(30).valid
    common.emit(group_listed=group in [g.group_id for g in listed])
    common.emit(group_state=only(admin.describe_consumer_groups([group])).state.name.capitalize())
    kept = only(admin.list_consumer_group_offsets([
        ConsumerGroupTopicPartitions(group, [TopicPartition(data, 1)])]))
    common.emit(group_offset=kept.topic_partitions[0].offset)
    only(admin.delete_consumer_groups([group]))
    listed = admin.list_consumer_groups().result(30).valid
    common.emit(group_deleted=group not in [g.group_id for g in listed])


def cluster(admin, data):
    common.emit(brokers=[n.id for n in admin.describe_cluster().result(30).nodes])
    result = admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition(data, 0)]).result(30)
    common.emit(election=[e.name() if e else None for e in result.values()][0])
    # describe_acls() gives an empty list where the broker says that it has no authorizer.
    try:
        only(admin.create_acls([AclBinding(
            ResourceType.TOPIC, data, ResourcePatternType.LITERAL, "User:a", "*",
            AclOperation.READ, AclPermissionType.ALLOW)]))
    except KafkaException as e:
        common.emit(acls=e.args[0].name())
    try:
        only(admin.describe_user_scram_credentials(["nobody"]))
    except KafkaException as e:
        common.emit(scram=e.args[0].name())


def main():
    _, o = common.arguments()
    admin = AdminClient({"bootstrap.servers": o["bootstrap"]})
    topics(admin, o["topic"])
    offsets(admin, o["data"])
    groups(admin, o["group"], o["data"])
    cluster(admin, o["data"])
    only(admin.delete_topics([o["topic"]]))
    common.emit(deleted=o["topic"] not in admin.list_topics(timeout=30).topics)


main()
