"""Rows of the table about the `horolog` command, beside kcat doing the same."""

import json
import random
import resource
import shutil
import statistics
import subprocess
import time

from figures import spread

RECORD_BYTES = 100


def lines_file(run, records):
    """A record a line, of letters and digits."""
    path = run.dir / "lines.txt"
    rng = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    with open(path, "w") as out:
        for _ in range(records // 1000):
            block = "".join(rng.choices(letters, k=RECORD_BYTES * 10))
            for n in range(1000):
                at = n * 7 % (len(block) - RECORD_BYTES)
                out.write(block[at:at + RECORD_BYTES] + "\n")
    return path


def piped(command, records):
    """Records a second of a program whose output another one takes from a pipe and counts."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
        counted = subprocess.run(["wc", "-c"], stdin=source.stdout, capture_output=True, text=True,
                                 check=True)
        source.stdout.close()
        code = source.wait()
    seconds = time.monotonic() - began
    wanted = records * (RECORD_BYTES + 1)
    if code != 0 or int(counted.stdout) != wanted:
        raise RuntimeError(f"{command[0]}: exit {code}, {counted.stdout.strip()} of {wanted} bytes")
    return records / seconds


def row_consume_pipe(run):
    """A million records of 100 bytes, from the page cache to a pipe."""
    if not shutil.which("kcat"):
        raise RuntimeError("kcat is missing: tools/setup.sh --tests installs it")
    records = 200_000 if run.quick else 1_000_000
    horolog = str(run.bench.parent / "horolog")
    pairs = []
    with run.horolog() as broker:
        where = ["-b", broker.address]
        subprocess.run([horolog, "topic", "create", "lines", "-p", "1", *where], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([horolog, "produce", "lines", "-l", lines_file(run, records), *where],
                       check=True, stdout=subprocess.DEVNULL)
        theirs = ["kcat", *where, "-C", "-t", "lines", "-o", "beginning", "-e", "-q"]
        ours = [horolog, "consume", "lines", "-e", *where]
        piped(theirs, records)
        for _ in range(run.repeats):
            pairs.append((piped(theirs, records), piped(ours, records)))
    ratio = spread(mine / kcat for kcat, mine in pairs)
    kcat, mine = (statistics.median(pair[n] for pair in pairs) for n in (0, 1))
    return f"{ratio} ×", f"{mine:,.0f} beside {kcat:,.0f} records/s"


def row_verify(run):
    """An uncompressed log in the page cache; by CPU seconds, which other programs disturb less."""
    horolog = str(run.bench.parent / "horolog")
    broker = run.horolog()
    run.load(broker, "produce", "--topic", "big", "--acks", 1, "--batch", "128K", "--bytes",
             "500M" if run.quick else "2G")
    broker.stop()
    by_cpu, by_clock = [], []
    for again in range(run.repeats + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([horolog, "log", "verify", str(broker.data), "--json"], check=True,
                              capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if not again:
            continue
        report = json.loads(done.stdout)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        by_cpu.append(report["bytes"] / cpu / 1e9)
        by_clock.append(report["bytes"] / report["seconds"] / 1e9)
    return f"{spread(by_cpu)} GB per CPU second", f"{spread(by_clock)} GB/s"
