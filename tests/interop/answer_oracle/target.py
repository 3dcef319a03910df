"""One broker as the oracle sees it: asked through Kafka's classes, answers in a common form."""
import json
import subprocess
import sys
import pathlib
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness import clients  # noqa: E402
from harness.results import CaseError  # noqa: E402

API = {"Produce": 0, "Fetch": 1, "ListOffsets": 2, "Metadata": 3, "OffsetCommit": 8,
       "OffsetFetch": 9, "FindCoordinator": 10, "JoinGroup": 11, "Heartbeat": 12,
       "LeaveGroup": 13, "SyncGroup": 14, "DescribeGroups": 15, "ListGroups": 16,
       "ApiVersions": 18, "CreateTopics": 19, "DeleteTopics": 20, "DeleteRecords": 21,
       "InitProducerId": 22, "OffsetForLeaderEpoch": 23, "AddPartitionsToTxn": 24,
       "AddOffsetsToTxn": 25, "EndTxn": 26, "WriteTxnMarkers": 27, "TxnOffsetCommit": 28,
       "DescribeProducers": 61, "DescribeTransactions": 65, "ListTransactions": 66,
       "DescribeConfigs": 32,
       "AlterConfigs": 33, "CreatePartitions": 37, "DeleteGroups": 42,
       "IncrementalAlterConfigs": 44, "OffsetDelete": 47, "DescribeCluster": 60,
       "DescribeAcls": 29, "CreateAcls": 30, "DeleteAcls": 31, "AlterReplicaLogDirs": 34,
       "DescribeLogDirs": 35, "CreateDelegationToken": 38, "RenewDelegationToken": 39,
       "ExpireDelegationToken": 40, "DescribeDelegationToken": 41, "ElectLeaders": 43,
       "AlterPartitionReassignments": 45, "ListPartitionReassignments": 46,
       "DescribeClientQuotas": 48, "DescribeUserScramCredentials": 50,
       "AlterUserScramCredentials": 51, "DescribeQuorum": 55, "UpdateFeatures": 57,
       "ListConfigResources": 74, "DescribeTopicPartitions": 75}
ZERO_ID = "AAAAAAAAAAAAAAAAAAAAAA"
NUMBERED = ("sessionId", "producerId")  # numbers that every broker gives out by itself


class Wire:
    """The Java half (Oracle.java)."""

    def __init__(self):
        self.process = subprocess.Popen(clients.java_command("Oracle"), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, port, api, version, request, **more):
        line = {"port": port, "api": API[api], "version": version, "request": request, **more}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        found = []
        reader = threading.Thread(target=lambda: found.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(60)
        if not found or not found[0]:
            raise CaseError(f"{api} v{version}: the oracle's JVM does not answer")
        return json.loads(found[0])

    def close(self):
        self.process.kill()
        self.process.wait()


class Target:
    """Runs one scenario; `notes` holds what is to be compared, in order of asking."""

    def __init__(self, name, port, wire, api, version, salt=""):
        self.broker = name
        self.port = port
        self.wire = wire
        self.api = api
        self.version = version
        self.salt = salt
        self.notes = []
        self.masks = {}

    def name(self, suffix):
        """A topic or group name that no other scenario uses."""
        return f"{self.api}-{self.version}-{self.salt}{suffix}"

    def mask(self, value, placeholder):
        """From here on the value shows as the placeholder: it differs from broker to broker."""
        if value not in ("", None, ZERO_ID):
            self.masks[value] = f"<{placeholder}>"

    def ask(self, request, label=None, api=None, version=None, **more):
        """Sends; a labelled answer is noted for the comparison. Returns the answer's JSON."""
        api = api or self.api
        version = self.version if version is None else version
        answer = self.wire.ask(self.port, api, version, request, **more)
        if "error" in answer:
            raise CaseError(f"{self.broker}: {api} v{version} ({label}): {answer['error']}")
        if "inexpressible" in answer:
            return None  # this version has no field for what the case is about
        if label:
            self.notes.append((label, request, self.common(answer)))
        elif "response" not in answer:
            raise CaseError(f"{self.broker}: {api} v{version} (setting up): {answer}")
        return answer.get("response")

    def common(self, node):
        """Masked, and with arrays of objects in one order."""
        if isinstance(node, dict):
            return {k: self.masks.get(v, v) if k in NUMBERED else self.common(v)
                    for k, v in node.items()}
        if isinstance(node, list):
            made = [self.common(v) for v in node]
            return sorted(made, key=lambda v: json.dumps(v, sort_keys=True))
        if isinstance(node, str) and node in self.masks:
            return self.masks[node]
        return node

    # Setting up, not compared.

    def ask_described(self, request, label, key, value):
        """DescribeConfigs once a change can be seen: Kafka applies it after answering."""
        for _ in range(200):
            seen = self.ask(request, api="DescribeConfigs", version=4)
            found = {c["name"]: c["value"] for c in seen["results"][0]["configs"]}
            if found.get(key) == value:
                return self.ask(request, label, api="DescribeConfigs", version=4)
            time.sleep(0.02)
        raise CaseError(f"{self.broker}: {key} does not become {value}: {found}")

    def topic(self, suffix="t", partitions=1, **configs):
        """Creates a topic of this scenario and waits until it may be used."""
        name = self.name(suffix)
        made = self.ask({"topics": [topic_spec(name, partitions, configs)], "timeoutMs": 30000,
                         "validateOnly": False}, api="CreateTopics", version=7)["topics"][0]
        if made["errorCode"] != 0:
            raise CaseError(f"{self.broker}: CreateTopics {name}: {made}")
        self.mask(made["topicId"], f"id of {suffix}")
        for _ in range(200):
            time.sleep(0.02)
            seen = self.ask({"topics": [{"topicId": ZERO_ID, "name": name}],
                             "allowAutoTopicCreation": False,
                             "includeTopicAuthorizedOperations": False},
                            api="Metadata", version=12)["topics"][0]
            if seen["errorCode"] == 0 and len(seen["partitions"]) == partitions and \
                    all(p["errorCode"] == 0 for p in seen["partitions"]) and \
                    self.leads(name, partitions):
                return name, made["topicId"]
        raise CaseError(f"{self.broker}: topic {name} does not become usable")

    def leads(self, name, partitions):
        """Kafka's metadata shows a topic before its logs can be asked."""
        asked = [{"partitionIndex": i, "currentLeaderEpoch": -1, "timestamp": -2}
                 for i in range(partitions)]
        seen = self.ask({"replicaId": -1, "isolationLevel": 0, "timeoutMs": 5000,
                         "topics": [{"name": name, "partitions": asked}]},
                        api="ListOffsets", version=7)["topics"][0]
        return all(p["errorCode"] == 0 for p in seen["partitions"])

    def produce(self, name, records, partition=0, acks=-1):
        """One batch by name through version 9."""
        request = {"transactionalId": None, "acks": acks, "timeoutMs": 10000, "topicData": [
            {"name": name, "partitionData": [{"index": partition, "records": records}]}]}
        code = 6
        for _ in range(100):
            answer = self.ask(request, api="Produce", version=9)
            code = answer["responses"][0]["partitionResponses"][0]["errorCode"]
            if code not in (3, 6):
                break
            time.sleep(0.05)
        if code != 0:
            raise CaseError(f"{self.broker}: produce to {name}: error {code}")

    def join(self, group, protocol="range", **more):
        """One member in a stable group, its member id masked; returns id and generation."""
        body = join_request(group, protocol, **more)
        first = self.ask(body, api="JoinGroup", version=9)
        if first["errorCode"] == 79:
            body["memberId"] = first["memberId"]
            first = self.ask(body, api="JoinGroup", version=9)
        if first["errorCode"] != 0:
            raise CaseError(f"{self.broker}: join {group}: {first}")
        self.mask(first["memberId"], f"member of {group}")
        self.ask({"groupId": group, "generationId": first["generationId"],
                  "memberId": first["memberId"], "groupInstanceId": more.get("instance"),
                  "protocolType": "consumer", "protocolName": protocol,
                  "assignments": [{"memberId": first["memberId"], "assignment": "AAEC"}]},
                 api="SyncGroup", version=5)
        return first["memberId"], first["generationId"]


def topic_spec(name, partitions=1, configs=None, replicas=1, assignments=()):
    return {"name": name, "numPartitions": partitions, "replicationFactor": replicas,
            "assignments": list(assignments),
            "configs": [{"name": k, "value": str(v)} for k, v in (configs or {}).items()]}


def join_request(group, protocol="range", member="", instance=None, kind="consumer",
                 session=30000, subscription="AAAAAAABAAF0AAAAAA=="):
    """The subscription is version 0 of Kafka's consumer protocol, for topic "t" unless given."""
    return {"groupId": group, "sessionTimeoutMs": session, "rebalanceTimeoutMs": 30000,
            "memberId": member, "groupInstanceId": instance, "protocolType": kind,
            "protocols": [{"name": protocol, "metadata": subscription}], "reason": "test"}
