"""What the cases of the suite `conditions` share."""
import collections
import json

from harness.results import check

from .scheduler import fires, kcat, make_topic, run_records, until


def wait_for(broker, key, headers, conditions):
    """A schedule with conditions."""
    words = [w for c in conditions for w in ("-H", f"horolog-when={c}")]
    words += [w for name, v in headers.items() for w in ("-H", f"horolog-{name}={v}")]
    kcat(broker, "-P", "-t", "horolog.schedules", "-k", key, *words, text="payload")


def accepted(broker, keys):
    """Every one of them is in the state, so that what comes now counts."""
    def known():
        state = kcat(broker, "-C", "-t", "horolog.schedules.state", "-o", "beginning", "-e", "-q",
                     "-X", "isolation.level=read_committed", "-f", "%k\n").splitlines()
        refused = [r for r in run_records(broker) if r["event"] == "rejected"
                   and r.get("schedule") in keys]
        check(not refused, f"rejected: {refused}")
        return {f"definition:{key}" for key in keys} <= set(state)
    until("the schedules", known)


def causes(broker, topic):
    """Schedule → the causes of its fires; no cause and no fire id occurs twice."""
    found = collections.defaultdict(list)
    ids = collections.Counter()
    for headers, _ in fires(broker, topic):
        found[headers["schedule"]].append(headers["cause"])
        ids[headers["fire-id"]] += 1
    twice = [i for i, n in ids.items() if n > 1]
    check(not twice, f"{len(twice)} fire ids occur twice")
    for key, each in found.items():
        check(len(each) == len(set(each)), f"{key} fired twice for one occurrence: {each[-5:]}")
    return found


def seeds(broker, *topics):
    for topic in topics:
        make_topic(broker, topic)


def partitions(broker, topic):
    about = json.loads(kcat(broker, "-L", "-J", "-t", topic))
    return len(about["topics"][0]["partitions"])
