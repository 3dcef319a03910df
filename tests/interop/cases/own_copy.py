"""The library consumes, transforms and produces in transactions; killed at every step, every record
is there once and in order for those who read committed. A case of own_groups and own_older.

Its driver is the program own_copy of the build, drivers/own_copy.cpp.
"""
import signal
import subprocess

from harness import driver, paths
from harness.results import check

from . import clients

STEPS = ("polled", "begun", "sent", "flushed", "offsets", "committing", "committed", "committing")
PARTITIONS, RECORDS = 3, 200


def copier(broker, *stop):
    command = [paths.default_binary().parent / "own_copy", broker.bootstrap, "copy-source"]
    words = ["copy-target", "copy", "copier", PARTITIONS * RECORDS, *stop]
    return driver.Driver([*command, *words[:-1]], str(words[-1]))


def killed_everywhere(broker):
    # Idempotent: else a first batch that comes too early for its leader lands behind the second.
    clients.fill("copy-source", broker, RECORDS, partitions=PARTITIONS, create=1, idempotent=1)
    clients.fill("copy-target", broker, 0, partitions=PARTITIONS, create=1)
    for step in STEPS:
        job = copier(broker, step, 2)
        if step == "committing":
            job.process.wait(120)
            check(job.process.returncode == -signal.SIGKILL,
                  f"{step}: exit code {job.process.returncode}: {job.errors}")
        else:
            job.wait_for(lambda lines, at={"at": step}: at in lines, 120, step)
        job.kill()
    copied = copier(broker).finish(120)[-1]["copied"]
    check(0 < copied < PARTITIONS * RECORDS, f"the last one copied {copied}")
    target_is_right(broker)


def target_is_right(broker):
    out = subprocess.run(["kcat", "-b", broker.bootstrap, "-C", "-t", "copy-target", "-e", "-q",
                          "-f", "%p %s\n", "-X", "isolation.level=read_committed"],
                         capture_output=True, text=True, timeout=120, check=True).stdout
    got = {p: [] for p in range(PARTITIONS)}
    for line in out.splitlines():
        partition, value = line.split(" ", 1)
        got[int(partition)].append(value)
    for p, values in got.items():
        wanted = [f"copy of {n}" for n in range(RECORDS)]
        strange = [(n, value) for n, value in enumerate(values) if [value] != wanted[n:n + 1]]
        check(values == wanted, f"partition {p}: {len(values)} records, {len(set(values))} "
                                f"different; from {strange[:3]} on out of order")
