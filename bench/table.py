#!/usr/bin/env python3
"""The table of measured figures: each row is Horolog beside what the machine gives (the limit
programs) or beside Apache Kafka, measured in turn within the same minutes.

    bench/table.py --build build/release [--quick] [--rows produce-os,acks-all] [--json FILE]

Prints a Markdown table: the median of the ratios and their range. --quick sends less and repeats
less (under twelve minutes); the full run takes about an hour. The data go to --dir, which
should be on the disk that is meant (not tmpfs)."""

import argparse
import json
import pathlib
import subprocess
import sys

import brokers
from rows import ROWS

HERE = pathlib.Path(__file__).resolve().parent


class Run:
    """What the rows share: the programs, the folder, how much to send and how often."""

    def __init__(self, options):
        self.bench = options.build / "bin" / "horolog-bench"
        self.horologd = options.build / "bin" / "horologd"
        for program in (self.bench, self.horologd):
            if not program.exists():
                sys.exit(f"table.py: {program} is missing: build the release preset first")
        self.dir = options.dir.resolve()
        self.dir.mkdir(parents=True, exist_ok=True)
        self.quick = options.quick
        self.repeats = options.repeats or (3 if self.quick else 5)
        self.asked_count = options.count
        self.results = []
        self.kafka_node = None

    def count(self, quick, full):
        """How many schedules a row is about."""
        return self.asked_count or (quick if self.quick else full)

    def tool(self, *words):
        """One run of horolog-bench: its JSON object."""
        command = [str(self.bench), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        result = json.loads(done.stdout)
        self.results.append({"command": command[1:], **result})
        return result

    def take(self, process):
        """The JSON object of a horolog-bench that was started beside something else."""
        out, _ = process.communicate(timeout=120)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(process.args)}: exit {process.returncode}")
        result = json.loads(out)
        self.results.append({"command": process.args[1:], **result})
        return result

    def limit(self, name, *words):
        return self.tool("limits", name, *words)

    def load(self, broker, name, *words):
        where = ["--bootstrap", broker.address, "--broker-pid", broker.pid]
        if broker.admin:
            where += ["--admin", broker.admin]
        return self.tool(name, *where, *words)

    def horolog(self, keep=False):
        return brokers.Horolog(self.horologd, self.dir / "horolog", keep=keep)

    def kafka(self):
        """Started once and warmed up; stopped at the end of the table."""
        if self.kafka_node is None:
            self.kafka_node = brokers.Kafka(self.dir / "kafka")
            self.load(self.kafka_node, "produce", "--acks", 1, "--batch", "16K", "--seconds",
                      10 if self.quick else 60)
            self.load(self.kafka_node, "latency", "--rate", 2000, "--seconds", 5 if self.quick
                      else 30)
        return self.kafka_node

    def close(self):
        if self.kafka_node is not None:
            self.kafka_node.__exit__()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build" / "release")
    parser.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("bench-data"))
    parser.add_argument("--rows", default=",".join(ROWS), help="some of: " + ", ".join(ROWS))
    parser.add_argument("--repeats", type=int, default=0)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--count", type=int, default=0,
                        help="schedules of the rows pending, due-at-once and bulk-cancel")
    parser.add_argument("--json", type=pathlib.Path, help="every single result, one a line")
    options = parser.parse_args()
    wanted = options.rows.split(",")
    for name in wanted:
        if name not in ROWS:
            parser.error(f"--rows: {name} is none of {', '.join(ROWS)}")
    run = Run(options)
    print("| row | at least / aim | measured: median (range) | figures |\n|---|---|---|---|")
    failed = False
    try:
        for name in wanted:
            title, target, function = ROWS[name]
            try:
                measured, detail = function(run)
            except (RuntimeError, subprocess.CalledProcessError) as error:
                measured, detail, failed = "FAILED", str(error), True
            print(f"| {title} | {target} | {measured} | {detail} |", flush=True)
    finally:
        run.close()
        if options.json:
            options.json.write_text("".join(json.dumps(one) + "\n" for one in run.results))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
