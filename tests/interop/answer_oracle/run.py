#!/usr/bin/env python3
"""The answer oracle: the same requests to Apache Kafka and to Horolog, the answers compared.

  tests/interop/answer_oracle/run.py [--binary PATH] [--api NAME]… [--json FILE] [--dump FILE]
                                       [--self]

Every (API, version) that Horolog's ApiVersions advertises is asked with Kafka's own generated
classes (Oracle.java); allowed.py lists the differences that may be. --self compares Kafka with
itself, which shows that the scenarios are repeatable.
"""
import argparse
import collections
import json
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import allowed  # noqa: E402
import target  # noqa: E402
import admin_scenarios  # noqa: E402,F401
import data_scenarios  # noqa: E402,F401
import group_scenarios  # noqa: E402,F401
import security_scenarios  # noqa: E402,F401
import session_scenarios  # noqa: E402,F401
import topic_scenarios  # noqa: E402,F401
import transaction_scenarios  # noqa: E402,F401
from harness import broker as brokers  # noqa: E402
from harness import results  # noqa: E402
from harness.results import CaseError, check  # noqa: E402
from registry import SCENARIOS  # noqa: E402

DUMP = []  # every case with both answers, for --dump
SETTINGS = ["offsets.topic.num.partitions=1", "transaction.state.log.num.partitions=1",
            "auto.create.topics.enable=false", "group.initial.rebalance.delay.ms=0"]


def served(wire, port):
    """API key → (lowest, highest version)."""
    answer = wire.ask(port, "ApiVersions", 3, {"clientSoftwareName": "oracle",
                                               "clientSoftwareVersion": "1"})
    return {k["apiKey"]: (k["minVersion"], k["maxVersion"]) for k in answer["response"]["apiKeys"]}


def warm_up(wire, name, port):
    """A fresh coordinator says for a moment that it is not there yet; that is not compared."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        answer = wire.ask(port, "Heartbeat", 4, {"groupId": "warm-up", "generationId": 1,
                                                 "memberId": "x", "groupInstanceId": None})
        wire.ask(port, "FindCoordinator", 4, {"key": "", "keyType": 0,
                                              "coordinatorKeys": ["warm-up"]})
        if answer["response"]["errorCode"] == 25:
            return
        time.sleep(0.1)
    raise CaseError(f"{name}: the group coordinator does not come up: {answer}")


def compare(wire, pair, api, version, counts):
    """All scenarios of one (API, version), on both brokers."""
    problems = []
    for salt, scenario in enumerate(SCENARIOS[api]):
        notes = []
        for name, port in pair:
            one = target.Target(name, port, wire, api, version, salt)
            scenario(one)
            notes.append(one.notes)
        check(len(notes[0]) == len(notes[1]), f"{scenario.__name__}: not the same cases")
        for (label, request, left), (_, _, right) in zip(*notes):
            counts["cases"] += 1
            DUMP.append({"api": api, "version": version, "case": label, "asked": request,
                         pair[0][0]: left, pair[1][0]: right})
            found = allowed.differences(api, label, left, right)
            if found:
                problems += [f"{label}: {line}" for line in found[:6]]
                problems.append(f"    asked: {str(request)[:300]}")
    check(not problems, f"({pair[0][0]} | {pair[1][0]})\n" + "\n".join(problems[:60]))


def run(collected, wire, pair, apis):
    for name, port in pair:
        warm_up(wire, name, port)
    ours = served(wire, pair[1][1])
    theirs = served(wire, pair[0][1])
    counts = collections.Counter()
    for api in apis:
        key = target.API[api]
        if key not in ours:
            collected.add("answers", api, "advertised", False, "not in ApiVersions")
            continue
        low, high = ours[key]
        check(low >= theirs[key][0] and high <= theirs[key][1],
              f"{api}: serves {low}-{high}, Kafka {theirs[key]}")
        for version in range(low, high + 1):
            collected.run("answers", api, f"v{version}", compare, wire, pair, api, version, counts)
    advertised = {n for n, k in target.API.items() if k in ours}
    missing = sorted(k for k in ours if k not in target.API.values())
    if pair[1][0] == "horologd" and missing:
        collected.add("answers", "coverage", "every advertised API", False,
                      f"no scenario for API keys {missing}")
    print(f"{counts['cases']} answers compared, {len(advertised)} APIs; "
          f"{len(allowed.ALLOWED)} allowed differences:")
    for api, field, case, reason in allowed.ALLOWED:
        print(f"  {api} {field} ({case}): {reason}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary")
    parser.add_argument("--api", action="append", choices=sorted(target.API))
    parser.add_argument("--json")
    parser.add_argument("--dump", help="where to write every case with both answers, as JSON")
    parser.add_argument("--self", action="store_true", dest="with_itself")
    return parser.parse_args()


def main():
    asked = arguments()
    collected = results.Results()
    work = pathlib.Path(tempfile.mkdtemp(prefix="horolog-answers-"))
    wire = target.Wire()
    try:
        with brokers.Kafka(work / "kafka", SETTINGS) as kafka:
            if asked.with_itself:
                second = brokers.Kafka(work / "kafka2", SETTINGS)
            else:
                second = brokers.Horologd(work / "horologd", SETTINGS, asked.binary)
            with second:
                pair = [("kafka", kafka.port), (second.name, second.port)]
                run(collected, wire, pair, asked.api or list(target.API))
    except (brokers.BrokerError, CaseError) as e:
        collected.add("answers", "broker", "stays up", False, str(e))
    finally:
        wire.close()
    if asked.dump:
        pathlib.Path(asked.dump).write_text(json.dumps(DUMP, indent=1) + "\n")
    code = collected.finish(["answers"], asked.json)
    if code == 0:
        shutil.rmtree(work, ignore_errors=True)
    else:
        print(f"kept {work}")
    return code


if __name__ == "__main__":
    sys.exit(main())
