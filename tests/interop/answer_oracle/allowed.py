"""The differences between the two brokers' answers that are allowed, each with its reason.

An entry is (API or "*", field or path pattern, case or "*", reason). Fields named here are dropped
from both answers before they are compared; nothing else may differ.
"""
import fnmatch

ALLOWED = [
    ("*", "*.host", "*", "the address by which the client reached this broker"),
    ("*", "*.port", "*", "the address by which the client reached this broker"),
    ("*", "*.clusterId", "*", "every data directory has its own"),
    ("*", "*.errorMessage", "*", "wording of our own; the code is compared"),
    ("Produce", "*.batchIndexErrorMessage", "*", "wording of our own; the code is compared"),
    ("*", "*.memberId", "*", "ids of members that did not get in are random"),
    ("InitProducerId", "*.producerId", "*", "every data directory counts its own"),
    ("DescribeTransactions", "*.transactionStartTimeMs", "*", "the clock"),
    ("DescribeProducers", "*.lastTimestamp", "ended", "the clock"),
    ("Produce", "*.logAppendTimeMs", "*log append time*", "the clock"),
    ("ApiVersions", "*.apiKeys", "good", "compared by the served table, which is shorter here"),
    ("ApiVersions", "*.*Features*", "good", "features of what is not served yet"),
    ("DescribeConfigs", "*.configs.log.retention.ms.*", "a broker's keys",
     "the value in effect; Kafka shows null where log.retention.hours decides"),
    ("DescribeLogDirs", "*.logDir", "*", "every broker has its own directory"),
    ("DescribeLogDirs", "*.usableBytes", "*", "the disk changes between two questions"),
    ("DescribeQuorum", "*Offset", "*", "each has its own metadata log"),
    ("DescribeQuorum", "*.leaderEpoch", "*", "Kafka's quorum may elect its one node anew"),
    ("DescribeQuorum", "*.highWatermark", "*", "each has its own metadata log"),
    ("DescribeQuorum", "*Timestamp", "*", "the clock"),
    ("DescribeQuorum", "*.listeners.name", "*", "there is no separate controller listener"),
    ("AlterUserScramCredentials", "*.errorCode", "add",
     "refused: nobody is authenticated, so a credential would protect nothing"),
    ("CreateTopics", "*.configs.horolog.*", "*", "settings that Kafka does not have"),
    ("DescribeConfigs", "*.configs.horolog.*", "*", "settings that Kafka does not have"),
]


def reason_for(api, path, case):
    for wanted_api, pattern, wanted_case, _ in ALLOWED:
        if wanted_api in ("*", api) and fnmatch.fnmatchcase(case, wanted_case) and \
                fnmatch.fnmatchcase(path, pattern):
            return True
    return False


def by_name(api, case, left, right, path):
    """Lists of configs, compared name by name."""
    one, two = {c["name"]: c for c in left}, {c["name"]: c for c in right}
    out = []
    for name in sorted(set(one) | set(two)):
        out += differences(api, case, one.get(name, "(absent)"), two.get(name, "(absent)"),
                           f"{path}.{name}")
    return out


def differences(api, case, left, right, path="response"):
    """Lines "path: a | b" for everything that differs and is not allowed to."""
    if left == right or reason_for(api, path, case):
        return []
    if isinstance(left, dict) and isinstance(right, dict):
        out = []
        for key in sorted(set(left) | set(right)):
            out += differences(api, case, left.get(key, "(absent)"), right.get(key, "(absent)"),
                               f"{path}.{key}")
        return out
    if path.endswith(".configs") and isinstance(left, list) and isinstance(right, list):
        return by_name(api, case, left, right, path)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        out = []
        for a, b in zip(left, right):
            out += differences(api, case, a, b, path)
        return out
    return [f"{path}: {str(left)[:150]} | {str(right)[:150]}"]
