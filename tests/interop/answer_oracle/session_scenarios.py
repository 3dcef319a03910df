"""Scenarios of fetch sessions (KIP-227)."""
import time

from batches import batch
from data_scenarios import fetch
from registry import scenario
from target import ZERO_ID


class Session:
    """A fetch session, as a client keeps it."""

    def __init__(self, t):
        self.t = t
        self.id = 0
        self.epoch = 0

    def ask(self, label, topics=(), forgotten=(), **more):
        """Topics: (name, id, partition, offset)…; forgotten: (name, id, partition)…"""
        named = [{"topic": n, "topicId": i, "partitions": [
            {"partition": p, "currentLeaderEpoch": -1, "fetchOffset": o, "lastFetchedEpoch": -1,
             "logStartOffset": -1, "partitionMaxBytes": 1 << 20}]} for n, i, p, o in topics]
        gone = [{"topic": n, "topicId": i, "partitions": [p]} for n, i, p in forgotten]
        request = {**fetch("", ZERO_ID), "sessionId": self.id, "sessionEpoch": self.epoch,
                   "topics": named, "forgottenTopicsData": gone, **more}
        noted = len(self.t.notes)
        answer = self.t.ask(request, label)
        if answer.get("errorCode", 0) == 0:
            self.id = answer["sessionId"]
            self.epoch += 1
            # Known only now: the note is made again, with the id masked.
            self.t.mask(self.id, "session")
            label, asked, note = self.t.notes[noted]
            self.t.notes[noted] = (label, asked, self.t.common(note))
        return answer


@scenario("Fetch")
def fetch_sessions(t):
    if t.version < 7:
        return
    name, topic_id = t.topic(partitions=3)
    for partition in range(3):
        t.produce(name, batch(), partition=partition)
    s = Session(t)
    s.ask("a session opens", [(name, topic_id, p, 0) for p in range(3)])
    s.ask("records that were not consumed come again")
    s.ask("one offset moved", [(name, topic_id, 0, 1)])
    s.ask("all offsets moved", [(name, topic_id, p, 1) for p in (1, 2)])
    s.ask("nothing new")
    t.produce(name, batch(), partition=2)
    s.ask("another partition has news")
    s.ask("forgotten partition", forgotten=[(name, topic_id, 2)])
    t.produce(name, batch(), partition=2)
    s.ask("forgotten partition has news")
    s.ask("partition added", [(name, topic_id, 2, 3)])
    s.ask("unknown partition added", [(name, topic_id, 9, 0)])
    s.ask("unknown partition still there")
    s.ask("offset out of range", [(name, topic_id, 0, 99)])
    s.ask("offset in range again", [(name, topic_id, 0, 1)])
    t.ask({"timeoutMs": 5000, "topics": [{"name": name, "partitions": [
        {"partitionIndex": 0, "offset": 1}]}]}, api="DeleteRecords", version=2)
    s.ask("the log start moved")
    s.ask("the log start is known")
    s.epoch += 5
    s.ask("epoch skipped")
    s.epoch -= 5
    s.ask("all forgotten", forgotten=[(name, topic_id, p) for p in (0, 1, 2, 9)])
    s.ask("a session that ended")


@scenario("Fetch")
def fetch_session_ends(t):
    if t.version < 7:
        return
    name, topic_id = t.topic()
    s = Session(t)
    s.ask("an empty session")
    s.ask("its first partition", [(name, topic_id, 0, 0)])
    known = s.id
    s = Session(t)
    s.ask("opened", [(name, topic_id, 0, 0)])
    known, s.epoch = s.id, 0
    s.ask("opened again, naming the old one", [(name, topic_id, 0, 0)])
    s.id, s.epoch = known, 1
    s.ask("the old one")
    s = Session(t)
    s.ask("opened a third time", [(name, topic_id, 0, 0)])
    s.epoch = -1
    s.ask("closed", [(name, topic_id, 0, 0)])
    if t.version in (12, 13):
        s = Session(t)
        s.ask("opened for another version", [(name, topic_id, 0, 0)])
        t.ask({**fetch("", ZERO_ID), "topics": [], "sessionId": s.id, "sessionEpoch": 1},
              "continued with the other kind of topic", version=25 - t.version)


@scenario("Fetch")
def fetch_session_of_a_topic_made_anew(t):
    if t.version < 7:
        return
    name, topic_id = t.topic()
    s = Session(t)
    s.ask("opened", [(name, topic_id, 0, 0)])
    t.ask({"topics": [{"name": name, "topicId": ZERO_ID}], "timeoutMs": 30000},
          api="DeleteTopics", version=6)
    wait_until_gone(t, name)
    s.ask("deleted")
    t.topic()
    t.produce(name, batch())  # Kafka serves a new topic a moment after it has answered
    s.ask("made anew")
    s.ask("made anew, again")


def wait_until_gone(t, name):
    for _ in range(200):
        seen = t.ask({"topics": [{"topicId": ZERO_ID, "name": name}],
                      "allowAutoTopicCreation": False,
                      "includeTopicAuthorizedOperations": False},
                     api="Metadata", version=12)["topics"][0]
        if seen["errorCode"] == 3:
            return
        time.sleep(0.02)
    raise AssertionError(f"{name} is not deleted")
