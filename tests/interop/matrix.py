#!/usr/bin/env python3
"""Writes the compatibility matrix of README.md from the results of a test run.

  tests/interop/matrix.py [--check] [RESULTS.json [ANSWERS.json]]

The table stands between the lines <!-- matrix --> and <!-- /matrix -->; --check only says whether
it is up to date.
"""
import json
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
START, END = "<!-- matrix -->", "<!-- /matrix -->"
COLUMNS = ["none", "gzip", "snappy", "lz4", "zstd", "group", "offsets after restart",
           "offsets after kill -9", "no loss, no duplicate"]
TITLES = ["plain", "gzip", "snappy", "lz4", "zstd", "group, one dies", "offsets, restart",
          "offsets, kill -9", "in flight, broker killed"]


# Tools whose cases stand in suites of other things.
TOOLS_ELSEWHERE = {("files", "DumpLogSegments"), ("transactions", "TransactionsCommand")}


def cell(rows, name, case):
    found = [r["ok"] for r in rows if r["subject"] == name and r["case"] == case]
    if case.startswith("offsets") and not found:
        slug = "".join(c if c.isalnum() else "-" for c in name)
        found = [r["ok"] for r in rows if r["subject"] == slug and r["case"] == case]
    return "–" if not found else "yes" if all(found) else "**no**"


def client_table(results):
    rows = [r for r in results["rows"] if r["suite"] in ("clients", "inflight")]
    out = ["| client | version | " + " | ".join(TITLES) + " |",
           "|---|---|" + "---|" * len(TITLES)]
    for c in results["clients"]:
        cells = [cell(rows, c["name"], case) for case in COLUMNS]
        note = f" ({c['note']})" if c["note"] else ""
        out.append(f"| {c['name']} ({c['language']}) | {c['version']}{note} | "
                   + " | ".join(cells) + " |")
    return out


def suite_table(results):
    out = ["| with what we did not write | passed | failed |", "|---|---|---|"]
    titles = {"mixed": "groups of members in three languages",
              "tools": "Apache Kafka's command-line classes",
              "files": "Apache Kafka's DumpLogSegments on our files",
              "transactions": "transactions: clients that read what each other wrote, and "
                              "kafka-transactions.sh",
              "streams": "Kafka Streams, exactly once, application and broker killed",
              "compaction": "compaction: the same records as Apache Kafka's cleaner leaves",
              "moveout": "Apache Kafka on a copy of our data directory, and back"}
    for suite, title in titles.items():
        mine = [r["ok"] for r in results["rows"] if r["suite"] == suite]
        out.append(f"| {title} | {sum(mine)} | {len(mine) - sum(mine)} |")
    return out


def tool_table(results):
    """Tool by tool: what was checked, and whether all of it passed."""
    out = ["| tool | checked | |", "|---|---|---|"]
    tools = {}
    for r in results["rows"]:
        whole = r["suite"] in ("tools", "admin", "streams") and r["subject"] != "broker"
        if whole or (r["suite"], r["subject"]) in TOOLS_ELSEWHERE:
            tools.setdefault(r["subject"], []).append((r["case"], r["ok"]))
    for tool, cases in sorted(tools.items()):
        checked = "; ".join(case for case, _ in cases)
        good = all(ok for _, ok in cases)
        out.append(f"| {tool} | {checked} | {'yes' if good else '**no**'} |")
    return out


def answer_table(answers):
    versions = {}
    for r in answers["rows"]:
        if r["suite"] == "answers" and r["case"].startswith("v"):
            versions.setdefault(r["subject"], []).append((int(r["case"][1:]), r["ok"]))
    out = ["| API | versions that answer as Apache Kafka 4.3.1 does |", "|---|---|"]
    for api, found in sorted(versions.items()):
        good = sorted(v for v, ok in found if ok)
        bad = sorted(v for v, ok in found if not ok)
        text = f"{good[0]}–{good[-1]}" if good and not bad else \
            f"{', '.join(map(str, good)) or 'none'}; differs: {', '.join(map(str, bad))}"
        out.append(f"| {api} | {text} |")
    return out


def main():
    words = [w for w in sys.argv[1:] if w != "--check"]
    folder = SOURCE / "build/test-results"
    results = json.loads(pathlib.Path(words[0] if words else folder / "interop.json").read_text())
    lines = client_table(results) + [""] + suite_table(results) + [""] + tool_table(results)
    answers = pathlib.Path(words[1] if len(words) > 1 else folder / "answers.json")
    if answers.exists():
        lines += [""] + answer_table(json.loads(answers.read_text()))
    readme = SOURCE / "README.md"
    text = readme.read_text()
    before, rest = text.split(START)
    after = rest.split(END)[1]
    made = f"{before}{START}\n" + "\n".join(lines) + f"\n{END}{after}"
    if "--check" in sys.argv:
        sys.exit(0 if made == text else "README.md: the matrix is not that of these results")
    readme.write_text(made)


if __name__ == "__main__":
    main()
