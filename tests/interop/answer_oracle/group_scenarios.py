"""Scenarios of groups and committed offsets."""
from batches import batch
from data_scenarios import MISSING_ID
from registry import scenario
from target import join_request


def commit(group, name, topic_id, offset=1, member="", generation=-1, metadata="note",
           instance=None, partition=0):
    return {"groupId": group, "generationIdOrMemberEpoch": generation, "memberId": member,
            "groupInstanceId": instance, "retentionTimeMs": -1, "topics": [
                {"name": name, "topicId": topic_id, "partitions": [
                    {"partitionIndex": partition, "committedOffset": offset,
                     "committedLeaderEpoch": -1, "committedMetadata": metadata}]}]}


@scenario("OffsetCommit")
def offset_commit(t):
    name, topic_id = t.topic()
    group = t.name("g")
    t.ask(commit(group, name, topic_id), "standalone")
    t.ask(commit(group, name, topic_id, metadata=None), "without metadata")
    t.ask(commit(group, name, topic_id, metadata="x" * 5000), "metadata too long")
    t.ask(commit(group, t.name("no"), MISSING_ID), "unknown topic")
    t.ask(commit(group, name, topic_id, partition=9), "unknown partition")
    t.ask(commit(group, name, topic_id, member="nobody", generation=1),
          "unknown member, empty group")
    t.ask(commit(t.name("none"), name, topic_id, member="nobody", generation=1), "unknown group")
    t.ask(commit("", name, topic_id), "empty group id")
    stable = t.name("s")
    member, generation = t.join(stable)
    t.ask(commit(stable, name, topic_id, member=member, generation=generation), "by a member")
    t.ask(commit(stable, name, topic_id, member=member, generation=generation + 5),
          "wrong generation")
    t.ask(commit(stable, name, topic_id, member="nobody", generation=generation),
          "unknown member")
    t.ask(commit(stable, name, topic_id), "standalone, group in use")
    static = t.name("i")
    member, generation = t.join(static, instance="first")
    if t.version >= 7:
        t.ask(commit(static, name, topic_id, member="other", generation=generation,
                     instance="first"), "fenced instance")


def offset_fetch(t, group, topics, member=None, epoch=-1, stable=False):
    """`topics` is a list of (name, id, partitions), or None for all."""
    listed = None if topics is None else [
        {"name": n, "topicId": i, "partitionIndexes": list(p)} for n, i, p in topics]
    if t.version < 8:
        return {"groupId": group, "topics": listed, "requireStable": stable}
    return {"requireStable": stable, "groups": [
        {"groupId": group, "memberId": member, "memberEpoch": epoch, "topics": listed}]}


@scenario("OffsetFetch")
def fetch_offsets(t):
    name, topic_id = t.topic(partitions=2)
    group = t.name("g")
    t.ask(commit(group, name, topic_id, offset=42), api="OffsetCommit", version=9)
    t.ask(offset_fetch(t, group, [(name, topic_id, [0, 1])]), "one committed, one not")
    t.ask(offset_fetch(t, group, [(name, topic_id, [9])]), "unknown partition")
    t.ask(offset_fetch(t, group, [(t.name("no"), MISSING_ID, [0])]), "unknown topic")
    t.ask(offset_fetch(t, t.name("none"), [(name, topic_id, [0])]), "unknown group")
    if t.version >= 2:
        t.ask(offset_fetch(t, group, None), "everything")
    if t.version >= 7:
        t.ask(offset_fetch(t, group, [(name, topic_id, [0])], stable=True), "require stable")
    if t.version >= 8:
        both = offset_fetch(t, group, [(name, topic_id, [0])])
        both["groups"] += offset_fetch(t, t.name("none"), None)["groups"]
        t.ask(both, "two groups")
    if t.version >= 9:
        t.ask(offset_fetch(t, group, [(name, topic_id, [0])], "nobody", 3), "with a member epoch")


@scenario("JoinGroup")
def join_group(t):
    group = t.name("g")
    first = t.ask(join_request(group))
    t.mask(first["memberId"], "first member")
    t.notes.append(("first join", {}, t.common({"response": first})))
    body = join_request(group, member=first["memberId"])
    if first["errorCode"] == 79:
        t.ask(body, "second join")
    t.ask(join_request(group, member="nobody"), "unknown member")
    t.ask(join_request("", member=""), "empty group id")
    t.ask(join_request(t.name("short"), session=1), "session too short")
    t.ask(join_request(t.name("long"), session=10 ** 9), "session too long")
    t.ask({**body, "protocolType": "connect"}, "other protocol type")
    t.ask({**body, "protocols": []}, "no protocol")
    t.ask({**join_request(t.name("np")), "protocols": []}, "no protocol, new group")
    t.ask({**join_request(t.name("nt")), "protocolType": ""}, "no protocol type, new group")
    t.ask({**body, "protocols": [{"name": "other", "metadata": ""}]}, "another protocol, alone")
    if t.version >= 5:
        static = t.name("i")
        t.join(static, instance="one")
        t.ask(join_request(static, member="other", instance="one"), "fenced instance")


@scenario("SyncGroup")
def sync_group(t):
    group = t.name("g")
    member, generation = t.join(group)

    def request(who, when, of=group, **more):
        return {"groupId": of, "generationId": when, "memberId": who, "groupInstanceId": None,
                "protocolType": "consumer", "protocolName": "range", "assignments": [], **more}

    t.ask(request(member, generation), "a stable group")
    t.ask(request(member, generation + 3), "wrong generation")
    t.ask(request("nobody", generation), "unknown member")
    t.ask(request(member, generation, of=t.name("none")), "unknown group")
    t.ask(request(member, generation, of=""), "empty group id")
    if t.version >= 5:
        t.ask(request(member, generation, protocolType="connect"), "other protocol type")
        t.ask(request(member, generation, protocolName="sticky"), "other protocol")
    if t.version >= 3:
        static = t.name("i")
        _, at = t.join(static, instance="one")
        t.ask(request("other", at, of=static, groupInstanceId="one"), "fenced instance")


@scenario("Heartbeat")
def heartbeat(t):
    group = t.name("g")
    member, generation = t.join(group)

    def request(who, when, of=group, instance=None):
        return {"groupId": of, "generationId": when, "memberId": who, "groupInstanceId": instance}

    t.ask(request(member, generation), "good")
    t.ask(request(member, generation + 3), "wrong generation")
    t.ask(request("nobody", generation), "unknown member")
    t.ask(request(member, generation, of=t.name("none")), "unknown group")
    t.ask(request(member, generation, of=""), "empty group id")
    if t.version >= 3:
        static = t.name("i")
        _, at = t.join(static, instance="one")
        t.ask(request("other", at, of=static, instance="one"), "fenced instance")


@scenario("LeaveGroup")
def leave_group(t):
    group = t.name("g")
    member, _ = t.join(group)

    def request(who, of=group, instance=None):
        if t.version < 3:
            return {"groupId": of, "memberId": who}
        return {"groupId": of, "members": [
            {"memberId": who, "groupInstanceId": instance, "reason": "done"}]}

    t.ask(request("nobody"), "unknown member")
    t.ask(request(member, of=t.name("none")), "unknown group")
    t.ask(request(member, of=""), "empty group id")
    t.ask(request(member), "good")
    t.ask(request(member), "again")
    if t.version >= 3:
        static = t.name("i")
        t.join(static, instance="one")
        t.ask(request("other", of=static, instance="one"), "fenced instance")
        t.ask(request("", of=static, instance="two"), "unknown instance")
        t.ask(request("", of=static, instance="one"), "by instance")


@scenario("DescribeGroups")
def describe_groups(t):
    group, empty = t.name("g"), t.name("e")
    name, topic_id = t.topic()
    t.join(group)
    t.ask(commit(empty, name, topic_id), api="OffsetCommit", version=9)
    for label, which in (("stable", [group]), ("empty", [empty]), ("unknown", [t.name("none")]),
                         ("empty id", [""]), ("two", [group, empty]), ("none", [])):
        t.ask({"groups": which, "includeAuthorizedOperations": False}, label)
    if t.version >= 3:
        t.ask({"groups": [group], "includeAuthorizedOperations": True},
              "with authorized operations")


@scenario("ListGroups")
def list_groups(t):
    group = t.name("g")
    t.join(group)
    mine = {"statesFilter": [], "typesFilter": []}

    def only_mine(label, body):
        answer = t.ask(body)
        answer["groups"] = [g for g in answer["groups"] if g["groupId"].startswith(t.name(""))]
        t.notes.append((label, body, t.common({"response": answer})))

    only_mine("all", mine)
    if t.version >= 4:
        for state in ("Stable", "stable", "Empty", "Nonsense"):
            only_mine(f"state {state}", {**mine, "statesFilter": [state]})
    if t.version >= 5:
        for kind in ("classic", "Consumer", "nonsense"):
            only_mine(f"type {kind}", {**mine, "typesFilter": [kind]})


@scenario("DeleteGroups")
def delete_groups(t):
    busy, empty = t.name("b"), t.name("e")
    name, topic_id = t.topic()
    t.join(busy)
    t.ask(commit(empty, name, topic_id), api="OffsetCommit", version=9)
    t.ask({"groupsNames": [busy]}, "in use")
    t.ask({"groupsNames": [t.name("none")]}, "unknown")
    t.ask({"groupsNames": [""]}, "empty id")
    t.ask({"groupsNames": [empty, busy]}, "one of two")
    t.ask({"groupsNames": [empty]}, "again")


@scenario("OffsetDelete")
def offset_delete(t):
    name, topic_id = t.topic()
    t.produce(name, batch())
    group, busy = t.name("g"), t.name("b")
    t.ask(commit(group, name, topic_id), api="OffsetCommit", version=9)

    def request(of, topic, partition=0):
        return {"groupId": of, "topics": [
            {"name": topic, "partitions": [{"partitionIndex": partition}]}]}

    t.ask(request(group, name), "good")
    t.ask(request(group, name), "again")
    t.ask(commit(group, name, topic_id), api="OffsetCommit", version=9)
    t.ask(request(group, t.name("no")), "unknown topic")
    t.ask(request(group, name, 9), "unknown partition")
    t.ask(request(t.name("none"), name), "unknown group")
    t.ask(request("", name), "empty group id")
    subscribed, _ = t.topic("u")
    raw = b"\0\0\0\0\0\1" + len(subscribed).to_bytes(2, "big") + subscribed.encode() + b"\0\0\0\0"
    import base64
    t.join(busy, subscription=base64.b64encode(raw).decode())
    t.ask(request(busy, subscribed), "a topic that a member reads")
    t.ask(request(busy, name), "a topic that no member reads")
