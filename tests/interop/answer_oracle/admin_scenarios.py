"""Scenarios of what administration tools ask: leaders, reassignments, directories, features."""
from batches import batch
from registry import scenario


@scenario("ElectLeaders")
def elect_leaders(t):
    name, _ = t.topic(partitions=2)

    def request(topic, partitions, kind=0):
        return {"electionType": kind, "timeoutMs": 10000, "topicPartitions": [
            {"topic": topic, "partitions": partitions}]}

    t.ask(request(name, [0, 1]), "preferred")
    t.ask(request(name, [0, 7]), "unknown partition")
    t.ask(request(t.name("no"), [0]), "unknown topic")
    t.ask(request(name, []), "no partition")
    t.ask({**request(name, [0]), "topicPartitions": []}, "no topic")
    if t.version >= 1:
        t.ask(request(name, [0], kind=1), "unclean")
        t.ask(request(name, [0], kind=9), "unknown kind", wait=3000)
    double = request(name, [0, 0])
    t.ask(double, "one partition twice")


@scenario("ElectLeaders")
def elect_all_leaders(t):
    answer = t.ask({"electionType": 0, "timeoutMs": 10000, "topicPartitions": None})
    seen = {p["errorCode"] for r in answer["replicaElectionResults"]
            for p in r["partitionResult"]}
    t.notes.append(("every partition", {}, {"codes": sorted(seen),
                                            "error": answer.get("errorCode")}))


@scenario("AlterPartitionReassignments")
def alter_reassignments(t):
    name, _ = t.topic(partitions=2)

    def request(topic, *assigned, **more):
        return {"timeoutMs": 10000, "topics": [{"name": topic, "partitions": [
            {"partitionIndex": p, "replicas": r} for p, r in assigned]}], **more}

    t.ask(request(name, (0, [1])), "to where it is")
    t.ask(request(name, (0, None)), "cancel what is not going on")
    t.ask(request(name, (0, [99])), "unknown broker")
    t.ask(request(name, (0, [])), "no replica")
    t.ask(request(name, (0, [1, 1])), "one broker twice")
    t.ask(request(name, (0, [-1])), "negative broker")
    t.ask(request(name, (0, [1, 99])), "known and unknown broker")
    t.ask(request(name, (7, [1])), "unknown partition")
    t.ask(request(name, (7, None)), "cancel an unknown partition")
    t.ask(request(t.name("no"), (0, [1])), "unknown topic")
    t.ask(request(name, (0, [1]), (1, [99])), "good and bad")
    t.ask({"timeoutMs": 10000, "topics": []}, "nothing")
    if t.version >= 1:
        t.ask(request(name, (0, [1]), allowReplicationFactorChange=False), "factor kept")
        t.ask(request(name, (0, [1, 99]), allowReplicationFactorChange=False), "factor changed")


@scenario("ListPartitionReassignments")
def list_reassignments(t):
    name, _ = t.topic(partitions=2)
    t.ask({"timeoutMs": 10000, "topics": None}, "all")
    t.ask({"timeoutMs": 10000, "topics": []}, "none")
    t.ask({"timeoutMs": 10000, "topics": [{"name": name, "partitionIndexes": [0, 1, 7]}]}, "some")
    t.ask({"timeoutMs": 10000, "topics": [{"name": t.name("no"), "partitionIndexes": [0]}]},
          "unknown topic")


@scenario("ListConfigResources")
def list_config_resources(t):
    t.topic()
    kinds = {"groups": [32], "brokers": [4], "loggers": [8], "client metrics": [16]}
    if t.version == 0:
        t.ask({}, "client metrics")
        return
    for label, kind in kinds.items():
        t.ask({"resourceTypes": kind}, label)
    t.ask({"resourceTypes": [99]}, "unknown kind")
    t.ask({"resourceTypes": [4, 99]}, "known and unknown kind")
    t.ask({"resourceTypes": [4, 4, 8]}, "one kind twice")

    def kinds_and_mine(label, asked):
        answer = t.ask({"resourceTypes": asked})
        mine = [r for r in answer["configResources"]
                if r["resourceType"] != 2 or r["resourceName"].startswith(t.name(""))]
        t.notes.append((label, asked, t.common({"code": answer["errorCode"], "resources": mine})))

    kinds_and_mine("topics", [2])
    kinds_and_mine("all", [])
    group = t.name("configured")
    t.ask({"resources": [{"resourceType": 32, "resourceName": group, "configs": [
        {"name": "consumer.session.timeout.ms", "configOperation": 0, "value": "46000"}]}],
        "validateOnly": False}, api="IncrementalAlterConfigs", version=1)
    for _ in range(100):
        if t.ask({"resourceTypes": [32]})["configResources"]:
            break
    kinds_and_mine("groups that are configured", [32])


@scenario("UpdateFeatures")
def update_features(t):
    def request(feature, level, kind=1, validate=True):
        one = {"feature": feature, "maxVersionLevel": level}
        if t.version == 0:
            one["allowDowngrade"] = kind != 1
        else:
            one["upgradeType"] = kind
        body = {"timeoutMs": 10000, "featureUpdates": [one]}
        if t.version >= 1:
            body["validateOnly"] = validate
        return body

    t.ask(request("transaction.version", 2), "as it is")
    t.ask(request("transaction.version", 99), "a level that is not supported")
    t.ask(request("no.such.feature", 1), "unknown feature")
    t.ask(request("", 1), "no name")
    t.ask(request("transaction.version", -1), "negative level")
    t.ask(request("transaction.version", 0), "level 0 as an upgrade")
    t.ask({"timeoutMs": 10000, "featureUpdates": []}, "nothing")
    if t.version >= 1:
        t.ask(request("transaction.version", 1, kind=2), "down, only checked")
        t.ask(request("transaction.version", 1, kind=3), "unsafely down, only checked")
        t.ask(request("transaction.version", 2, kind=9), "unknown kind")
        t.ask(request("transaction.version", 2, kind=2), "down to the same")
        t.ask(request("metadata.version", 7, kind=2), "metadata, far down, only checked")
    t.ask(request("metadata.version", 99), "metadata, a level that is not supported")
    double = request("transaction.version", 2)
    double["featureUpdates"] *= 2
    t.ask(double, "one feature twice")


@scenario("DescribeQuorum")
def describe_quorum(t):
    def request(name, partition):
        return {"topics": [{"topicName": name, "partitions": [{"partitionIndex": partition}]}]}

    t.ask(request("__cluster_metadata", 0), "the quorum")
    t.ask(request("__cluster_metadata", 1), "unknown partition")
    t.ask(request(t.name("no"), 0), "unknown topic")
    t.ask({"topics": []}, "nothing")
    both = request("__cluster_metadata", 0)
    both["topics"] += request("other", 0)["topics"]
    t.ask(both, "known and unknown topic")


@scenario("DescribeLogDirs")
def describe_log_dirs(t):
    name, _ = t.topic(partitions=3)
    for partition in range(3):
        t.produce(name, batch(), partition=partition)

    def request(topic, partitions):
        return {"topics": [{"topic": topic, "partitions": partitions}]}

    t.ask(request(name, [0, 2]), "two partitions")
    t.ask(request(name, []), "no partition")
    t.ask(request(name, [9]), "unknown partition")
    t.ask(request(t.name("no"), [0]), "unknown topic")
    t.ask({"topics": []}, "no topic")
    answer = t.ask({"topics": None})
    mine = [x for d in answer["results"] for x in d["topics"] if x["name"] == name]
    t.notes.append(("everything", {}, t.common({"mine": mine, "dirs": len(answer["results"])})))


@scenario("AlterReplicaLogDirs")
def alter_replica_log_dirs(t):
    name, _ = t.topic(partitions=2)

    def request(path, topic, partitions):
        return {"dirs": [{"path": path, "topics": [{"name": topic, "partitions": partitions}]}]}

    t.ask(request("/no/such/directory", name, [0, 1]), "unknown directory")
    t.ask(request("relative", name, [0]), "relative path")
    t.ask(request("/no/such/directory", t.name("no"), [0]), "unknown topic")
    t.ask({"dirs": []}, "nothing")
    found = t.ask({"topics": []}, api="DescribeLogDirs", version=4)["results"][0]["logDir"]
    t.mask(found, "directory")
    t.ask(request(found, name, [0]), "where it is")
    t.ask(request(found, name, [9]), "unknown partition")
    t.ask(request(found, t.name("no"), [0]), "unknown topic, known directory")


@scenario("DescribeTopicPartitions")
def describe_topic_partitions(t):
    name, _ = t.topic("a", partitions=4)
    other, _ = t.topic("b", partitions=2)

    def request(*names, limit=2000, cursor=None):
        return {"topics": [{"name": n} for n in names], "responsePartitionLimit": limit,
                "cursor": cursor and {"topicName": cursor[0], "partitionIndex": cursor[1]}}

    t.ask(request(name), "one topic")
    t.ask(request(other, name), "two topics")
    t.ask(request(name, other, limit=3), "a limit in a topic")
    t.ask(request(name, other, limit=4), "a limit between topics")
    t.ask(request(name, other, limit=1), "a limit of 1")
    t.ask(request(name, other, limit=0), "a limit of 0")
    t.ask(request(name, other, cursor=(name, 2)), "from a partition on")
    t.ask(request(name, other, cursor=(other, 0)), "from a topic on")
    t.ask(request(name, other, cursor=(name, 2), limit=2), "from a partition on, with a limit")
    t.ask(request(name, cursor=(name, 9)), "from behind the last partition")
    t.ask(request(name, cursor=(name, -1)), "from a negative partition")
    t.ask(request(name, other, cursor=(t.name("ab"), 0)), "from a topic that is not asked for")
    t.ask(request(t.name("no"), name), "unknown topic")
    t.ask(request("bad/name"), "invalid name")
    t.ask(request(name, name), "one topic twice")
    answer = t.ask(request())
    mine = [x for x in answer["topics"] if x["name"].startswith(t.name(""))]
    t.notes.append(("everything", {}, t.common({"mine": mine})))
