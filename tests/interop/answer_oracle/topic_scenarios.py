"""Scenarios of topics, cluster and configs."""
from data_scenarios import MISSING_ID
from registry import scenario
from target import ZERO_ID, topic_spec


def metadata(names, ids=(), auto=False):
    topics = None if names is None else [
        {"topicId": ZERO_ID, "name": n} for n in names] + [
        {"topicId": i, "name": None} for i in ids]
    return {"topics": topics, "allowAutoTopicCreation": auto,
            "includeClusterAuthorizedOperations": False,
            "includeTopicAuthorizedOperations": False}


@scenario("Metadata")
def metadata_topics(t):
    name, topic_id = t.topic(partitions=2)
    t.ask(metadata([name]), "one topic")
    t.ask(metadata([]) if t.version > 0 else metadata([name]), "no topic")
    t.ask(metadata([t.name("no")]), "unknown topic" if t.version >= 4 else None)
    t.ask(metadata(["bad/name"], auto=True), "invalid name")
    if t.version >= 8:
        both = {**metadata([name]), "includeTopicAuthorizedOperations": True,
                "includeClusterAuthorizedOperations": t.version <= 10}
        t.ask(both, "with authorized operations")
    if t.version >= 12:
        t.ask(metadata([], [topic_id]), "by id")
        t.ask(metadata([], [MISSING_ID]), "unknown id")
        t.ask(metadata([name], [topic_id]), "by name and id")


@scenario("FindCoordinator")
def find_coordinator(t):
    group = t.name("g")
    t.ask({"key": group, "keyType": 0, "coordinatorKeys": [group]}, "a group")
    if t.version >= 1:
        t.ask({"key": group, "keyType": 7, "coordinatorKeys": [group]}, "unknown key type")
    if t.version >= 4:
        t.ask({"key": "", "keyType": 0, "coordinatorKeys": []}, "no key")
        t.ask({"key": "", "keyType": 0, "coordinatorKeys": [group, group + "2"]}, "two groups")


@scenario("ApiVersions")
def api_versions(t):
    t.ask({"clientSoftwareName": "oracle", "clientSoftwareVersion": "1.0"}, "good")
    if t.version >= 3:
        t.ask({"clientSoftwareName": "-oracle", "clientSoftwareVersion": "1.0"}, "bad name")
        t.ask({"clientSoftwareName": "oracle", "clientSoftwareVersion": ""}, "empty version")


@scenario("ApiVersions")
def api_versions_unknown(t):
    t.ask({"clientSoftwareName": "oracle", "clientSoftwareVersion": "1.0"},
          "a version of the future", version=99, encode_as=3)


@scenario("DescribeCluster")
def describe_cluster(t):
    body = {"includeClusterAuthorizedOperations": False, "endpointType": 1,
            "includeFencedBrokers": False}
    t.ask(body, "plain")
    t.ask({**body, "includeClusterAuthorizedOperations": True}, "with authorized operations")
    if t.version >= 1:
        t.ask({**body, "endpointType": 2}, "controllers")
        t.ask({**body, "endpointType": 9}, "unknown endpoint type")


@scenario("CreateTopics")
def create_topics(t):
    def request(*specs, validate=False):
        return {"topics": list(specs), "timeoutMs": 30000, "validateOnly": validate}

    def made(label, *specs, validate=False):
        """Ids are random: they are masked before the answer is noted."""
        answer = t.ask(request(*specs, validate=validate))
        for one in answer["topics"]:
            t.mask(one.get("topicId"), "a topic id")
        t.notes.append((label, request(*specs, validate=validate),
                        t.common({"response": answer})))

    made("plain", topic_spec(t.name("a")))
    made("again", topic_spec(t.name("a")))
    made("with configs", topic_spec(t.name("b"), 3, {"retention.ms": "1000",
                                                     "cleanup.policy": "delete"}))
    made("with assignments", topic_spec(t.name("c"), -1, replicas=-1, assignments=[
        {"partitionIndex": 0, "brokerIds": [1]}, {"partitionIndex": 1, "brokerIds": [1]}]))
    if t.version >= 4:
        made("default partitions and replicas", topic_spec(t.name("d"), -1, replicas=-1))
    made("validate only", topic_spec(t.name("e")), validate=True)
    made("two at once", topic_spec(t.name("f")), topic_spec(t.name("a")))
    for label, name in (("slash", "a/b"), ("empty", ""), ("dot", "."), ("dots", ".."),
                        ("long", "x" * 250), ("space", "a b")):
        made(f"invalid name, {label}", topic_spec(name))
    made("name that collides", topic_spec(t.name("a").replace("-", "_")),
         topic_spec(t.name("h.h")))
    made("name that collides, dot and underscore", topic_spec(t.name("h_h")))
    made("no partition", topic_spec(t.name("i"), 0))
    made("replication factor 3", topic_spec(t.name("j"), replicas=3))
    made("replication factor 0", topic_spec(t.name("k"), replicas=0))
    made("unknown config", topic_spec(t.name("l"), 1, {"no.such.key": "1"}))
    made("bad config value", topic_spec(t.name("m"), 1, {"retention.ms": "soon"}))
    made("assignment and partitions", topic_spec(t.name("n"), 1, assignments=[
        {"partitionIndex": 0, "brokerIds": [1]}]))
    made("assignment to an unknown broker", topic_spec(t.name("o"), -1, replicas=-1,
         assignments=[{"partitionIndex": 0, "brokerIds": [9]}]))
    made("assignment with a hole", topic_spec(t.name("p"), -1, replicas=-1, assignments=[
        {"partitionIndex": 1, "brokerIds": [1]}]))
    made("one topic twice", topic_spec(t.name("q")), topic_spec(t.name("q"), 2))
    made("nothing")


@scenario("DeleteTopics")
def delete_topics(t):
    one, _ = t.topic("one")
    two, two_id = t.topic("two")

    def request(names=(), ids=()):
        if t.version < 6:
            return {"topicNames": list(names), "timeoutMs": 30000}
        return {"topics": [{"name": n, "topicId": ZERO_ID} for n in names] +
                          [{"name": None, "topicId": i} for i in ids], "timeoutMs": 30000}

    t.ask(request([one]), "by name")
    t.ask(request([t.name("no")]), "unknown name")
    t.ask(request(["bad/name"]), "invalid name")
    t.ask(request([two, two]), "one topic twice")
    if t.version >= 6:
        t.ask(request([], [MISSING_ID]), "unknown id")
        t.ask(request([], [two_id]), "by id")
    t.ask(request(), "nothing")


@scenario("CreatePartitions")
def create_partitions(t):
    name, _ = t.topic()

    def request(topic, count, assignments=None, validate=False):
        return {"topics": [{"name": topic, "count": count, "assignments": assignments}],
                "timeoutMs": 30000, "validateOnly": validate}

    t.ask(request(name, 3, validate=True), "validate only")
    t.ask(request(name, 3), "to 3")
    t.ask(request(name, 3), "to 3 again")
    t.ask(request(name, 2), "fewer")
    t.ask(request(name, -1), "negative")
    t.ask(request(name, 4, [{"brokerIds": [1]}]), "with an assignment")
    t.ask(request(name, 5, [{"brokerIds": [9]}]), "to an unknown broker")
    t.ask(request(name, 6, [{"brokerIds": [1]}, {"brokerIds": [1]}]), "too many assignments")
    t.ask(request(t.name("no"), 3), "unknown topic")
    double = request(name, 7)
    double["topics"] *= 2
    t.ask(double, "one topic twice")


KEYS = ["retention.ms", "cleanup.policy", "max.message.bytes", "segment.bytes",
        "message.timestamp.type", "compression.type", "min.insync.replicas"]


def configs_of(kind, name, keys=tuple(KEYS), synonyms=True, docs=False):
    return {"resources": [{"resourceType": kind, "resourceName": name,
                           "configurationKeys": None if keys is None else list(keys)}],
            "includeSynonyms": synonyms, "includeDocumentation": docs}


@scenario("DescribeConfigs")
def describe_configs(t):
    name, _ = t.topic(**{"retention.ms": "12345"})
    t.ask(configs_of(2, name), "a topic's keys")
    t.ask(configs_of(2, name, None, synonyms=False), "all of a topic")
    t.ask(configs_of(2, name, ["no.such.key"]), "unknown key")
    t.ask(configs_of(2, t.name("no")), "unknown topic")
    t.ask(configs_of(2, "bad/name"), "invalid topic name")
    t.ask(configs_of(4, "1", ["log.retention.ms", "num.partitions"]), "a broker's keys")
    t.ask(configs_of(4, "77", ["num.partitions"]), "another broker")
    t.ask(configs_of(4, "x", ["num.partitions"]), "a broker that is no number")
    t.ask(configs_of(99, "x"), "unknown resource type")


@scenario("AlterConfigs")
def alter_configs(t):
    name, _ = t.topic()

    def request(topic, configs, validate=False, kind=2):
        return {"resources": [{"resourceType": kind, "resourceName": topic, "configs": [
            {"name": k, "value": v} for k, v in configs.items()]}], "validateOnly": validate}

    t.ask(request(name, {"retention.ms": "5000"}, True), "validate only")
    t.ask(request(name, {"retention.ms": "5000"}), "set")
    t.ask_described(configs_of(2, name), "as described", "retention.ms", "5000")
    t.ask(request(name, {"max.message.bytes": "5000"}), "set another, which drops the first")
    t.ask_described(configs_of(2, name), "as described then", "max.message.bytes", "5000")
    t.ask(request(name, {"no.such.key": "1"}), "unknown key")
    t.ask(request(name, {"retention.ms": "soon"}), "bad value")
    t.ask(request(t.name("no"), {"retention.ms": "5000"}), "unknown topic")
    t.ask(request("x", {"retention.ms": "5000"}, kind=99), "unknown resource type")


@scenario("IncrementalAlterConfigs")
def incremental_alter_configs(t):
    name, _ = t.topic()

    def request(topic, *changes, validate=False, kind=2):
        return {"resources": [{"resourceType": kind, "resourceName": topic, "configs": [
            {"name": k, "configOperation": op, "value": v} for k, op, v in changes]}],
            "validateOnly": validate}

    t.ask(request(name, ("retention.ms", 0, "7000"), validate=True), "validate only")
    t.ask(request(name, ("retention.ms", 0, "7000"), ("max.message.bytes", 0, "99")), "set two")
    t.ask(request(name, ("max.message.bytes", 1, None)), "delete one")
    t.ask(request(name, ("cleanup.policy", 2, "compact")), "append")
    t.ask_described(configs_of(2, name), "as described", "cleanup.policy", "delete,compact")
    t.ask(request(name, ("cleanup.policy", 3, "delete")), "subtract")
    t.ask_described(configs_of(2, name), "as described then", "cleanup.policy", "compact")
    t.ask(request(name, ("retention.ms", 2, "1")), "append to what is no list")
    t.ask(request(name, ("retention.ms", 9, "1")), "unknown operation")
    t.ask(request(name, ("no.such.key", 0, "1")), "unknown key")
    t.ask(request(name, ("retention.ms", 0, "soon")), "bad value")
    t.ask(request(name, ("retention.ms", 0, None)), "set to null")
    t.ask(request(name, ("retention.ms", 0, "1"), ("retention.ms", 0, "2")), "one key twice")
    t.ask(request(t.name("no"), ("retention.ms", 0, "1")), "unknown topic")
    t.ask(request("x", ("retention.ms", 0, "1"), kind=99), "unknown resource type")


@scenario("IncrementalAlterConfigs")
def replication_throttles(t):
    def request(*changes):
        return {"resources": [{"resourceType": 4, "resourceName": "1", "configs": [
            {"name": k, "configOperation": op, "value": v} for k, op, v in changes]}],
            "validateOnly": False}

    names = ("leader.replication.throttled.rate", "follower.replication.throttled.rate",
             "replica.alter.log.dirs.io.max.bytes.per.second")
    t.ask(request(*((name, 1, None) for name in names)), "clear what is not set")
    for name in names:
        t.ask(request((name, 0, "-1")), f"{name} is negative")
        t.ask(request((name, 0, "fast")), f"{name} is no number")
        t.ask(request((name, 0, "1000")), f"{name} is set")
    t.ask(request(*((name, 1, None) for name in names)), "clear what is set")
