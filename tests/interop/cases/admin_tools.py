"""The rest of suite `tools`: what describes and administers a cluster, and the load tools."""
import json
import re

from harness.results import check

from . import clients

SUITE = "tools"


def contains(text, *words):
    for word in words:
        check(word in text, f"{word!r} is missing in:\n{text}")


def refused(tools, name, *args, saying):
    code, out, err = tools(name, *args)
    check(saying in out + err, f"{name} {args} ended with {code}, without {saying!r}:\n{out}{err}")


def prepare(tools, broker):
    tools.good("topics", "--create", "--topic", "admin", "--partitions", 2)
    clients.fill("admin", broker, 40, partitions=2)


def log_dirs(tools, broker):
    out = tools.good("log-dirs", "--describe", "--topic-list", "admin", "--broker-list", 1)
    described = json.loads(out[out.index("{"):])
    [one] = described["brokers"]
    [directory] = one["logDirs"]
    check(one["broker"] == 1 and directory["error"] is None, out)
    check(directory["logDir"] == str(broker.data), f"directory {directory['logDir']}")
    sizes = {p["partition"]: p["size"] for p in directory["partitions"]}
    check(sorted(sizes) == ["admin-0", "admin-1"] and all(s > 0 for s in sizes.values()), out)
    check(all(p["offsetLag"] == 0 and not p["isFuture"] for p in directory["partitions"]), out)


def features(tools):
    out = tools.good("features", "describe")
    found = dict(re.findall(r"Feature: (\S+)\s.*FinalizedVersionLevel: (\S+)", out))
    check(found.get("transaction.version") == "2", f"features: {out}")
    contains(tools.good("features", "upgrade", "--feature", "transaction.version=2"),
             "transaction.version was upgraded to 2")
    refused(tools, "features", "upgrade", "--feature", "transaction.version=9",
            saying="Could not upgrade transaction.version to 9")
    refused(tools, "features", "upgrade", "--feature", "no.such.feature=1",
            saying="no.such.feature")


def cluster(tools):
    out = tools.good("cluster", "cluster-id")
    check(re.search(r"Cluster ID: [A-Za-z0-9_-]{22}\b", out), out)
    contains(tools.good("cluster", "list-endpoints"), "127.0.0.1")


def acls(tools):
    refused(tools, "acls", "--list", saying="No Authorizer is configured")
    refused(tools, "acls", "--add", "--allow-principal", "User:a", "--operation", "read",
            "--topic", "admin", saying="No Authorizer is configured")


def api_versions(tools):
    out = tools.good("broker-api-versions")
    contains(out, "id: 1", "Produce(0): 0 to 13", "Fetch(1): 4 to 18", "DescribeQuorum(55)")


def quorum(tools):
    out = tools.good("metadata-quorum", "describe", "--status")
    check(re.search(r"LeaderId:\s+1\b", out) and re.search(r"HighWatermark:\s+\d+", out), out)
    check(re.search(r"CurrentVoters:\s+\[.*1.*\]", out), out)
    out = tools.good("metadata-quorum", "describe", "--replication")
    check(re.search(r"^1\s.*\sLeader\s*$", out, re.M), out)


def election(tools):
    out = tools.good("leader-election", "--election-type", "preferred", "--topic", "admin",
                     "--partition", 0)
    contains(out, "Valid replica already elected for partitions admin-0")
    tools.good("leader-election", "--election-type", "preferred", "--all-topic-partitions")
    refused(tools, "leader-election", "--election-type", "preferred", "--topic", "none",
            "--partition", 0, saying="none-0")


def plan(work, name, replicas):
    path = work / name
    path.write_text(json.dumps({"version": 1, "partitions": [
        {"topic": "admin", "partition": 0, "replicas": replicas}]}))
    return path


def reassignment(tools, work):
    good = plan(work, "here.json", [1])
    contains(tools.good("reassign-partitions", "--execute", "--reassignment-json-file", good),
             "Successfully started partition reassignment for admin-0")
    contains(tools.good("reassign-partitions", "--verify", "--reassignment-json-file", good),
             "Reassignment of partition admin-0 is completed")
    contains(tools.good("reassign-partitions", "--list"), "No partition reassignments found")
    refused(tools, "reassign-partitions", "--execute", "--reassignment-json-file",
            plan(work, "elsewhere.json", [7]), saying="Unknown broker id 7")


def offsets(tools):
    def ask(*words):
        out = tools.good("get-offsets", "--topic", "admin", *words)
        return {int(p): o for p, o in re.findall(r"admin:(\d+):(\d*)", out)}

    check(ask() == {0: "40", 1: "40"}, f"end offsets {ask()}")
    for name, wanted in (("earliest", "0"), ("earliest-local", "0")):
        check(ask("--time", name) == {0: wanted, 1: wanted}, f"{name}: {ask('--time', name)}")
    found = ask("--time", "max-timestamp")
    check(len(found) == 2 and all(0 <= int(o) < 40 for o in found.values()), f"max: {found}")
    check(ask("--time", "latest-tiered") in ({}, {0: "", 1: ""}), "something is tiered")


def groups(tools):
    tools.good("console-consumer", "--topic", "admin", "--from-beginning", "--group", "admins",
               "--max-messages", 5, "--timeout-ms", 30000)
    out = tools.good("all-groups", "--list")
    check(re.search(r"^admins\s+Classic\s+consumer", out, re.M), f"groups: {out}")
    out = tools.good("groups", "--describe", "--group", "admins", "--offsets")
    contains(out, "admin ")


def more_configs(tools):
    broker = ("--entity-type", "brokers", "--entity-name", "1")
    tools.good("configs", "--alter", *broker, "--add-config", "log.retention.ms=7200000")
    contains(tools.good("configs", "--describe", *broker), "log.retention.ms=7200000",
             "DYNAMIC_BROKER_CONFIG")
    tools.good("configs", "--alter", *broker, "--delete-config", "log.retention.ms")
    contains(tools.good("configs", "--describe", "--entity-type", "broker-loggers",
                        "--entity-name", "1"), "root=")
    tools.good("configs", "--alter", "--entity-type", "groups", "--entity-name", "admins",
               "--add-config", "consumer.session.timeout.ms=46000")
    contains(tools.good("configs", "--describe", "--entity-type", "groups"), "46000")
    contains(tools.good("configs", "--describe", "--entity-type", "topics"), "admin")
    out = tools.good("configs", "--describe", "--entity-type", "users")
    check("producer_byte_rate" not in out, out)


def verifiable(tools):
    out = tools.alone("verifiable-producer", "--topic", "verified", "--max-messages", 200,
                     "--acks", -1)
    told = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    done = [x for x in told if x["name"] == "producer_send_success"]
    check(len(done) == 200, f"{len(done)} of 200 acknowledged: {told[-1:]}")
    out = tools.alone("verifiable-consumer", "--topic", "verified", "--group-id", "verified",
                     "--max-messages", 200, "--reset-policy", "earliest")
    told = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    read = sum(x["count"] for x in told if x["name"] == "records_consumed")
    check(read == 200, f"read {read} of 200: {told[-3:]}")


def perf(tools):
    out = tools.good("producer-perf", "--topic", "perf", "--num-records", 5000, "--record-size",
                     100, "--throughput", -1)
    check(re.search(r"5000 records sent", out), out)
    out = tools.good("consumer-perf", "--topic", "perf", "--num-records", 5000, "--timeout",
                     30000)
    # start, end, MB, MB/s, records, …
    row = [r.split(", ") for r in out.splitlines() if re.match(r"\d{4}-", r)]
    check(row and int(float(row[-1][4])) >= 5000, out)
    out = tools.good("end-to-end-latency", "--topic", "latency", "--num-records", 200,
                     "--producer-acks", "all", "--record-size", 64)
    check(re.search(r"Avg latency: [\d.]+ ms", out), out)


def run(results, tools, broker, work):
    def case(subject, name, function, *args):
        return results.run(SUITE, subject, name, function, tools, *args)

    if not case("TopicCommand", "a topic for the tools below", prepare, broker):
        return
    case("LogDirsCommand", "directory, sizes", log_dirs, broker)
    case("FeatureCommand", "describe, upgrade", features)
    case("ClusterTool", "id and endpoints", cluster)
    case("AclCommand", "no authorizer", acls)
    case("BrokerApiVersionsCommand", "versions", api_versions)
    case("MetadataQuorumCommand", "status and replication", quorum)
    case("LeaderElectionCommand", "nothing to elect", election)
    case("ReassignPartitionsCommand", "execute, verify, list", reassignment, work)
    case("GetOffsetShell", "every kind of time", offsets)
    case("GroupsCommand", "list", groups)
    case("ConfigCommand", "brokers, loggers, groups, users", more_configs)
    case("VerifiableProducer/Consumer", "200 records", verifiable)
    case("Performance tools", "producer, consumer, end to end", perf)
