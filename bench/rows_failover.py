"""Rows of the table about schedulers that come and go, and about many changes at once."""

import os
import subprocess
import time

import brokers
import rows_schedule as schedule
from figures import spread


def failover(run, broker, end):
    """Two schedulers share the partitions; one ends. Until what was its own fires again, as a
    read_committed reader sees it: the most that anything is late."""
    took = []
    schedule.target(run, broker)
    with schedule.Scheduler(run, broker, "first") as stays:
        schedule.wait_for(stays.admin, "horolog_scheduler_partitions_owned", schedule.PARTITIONS)
        schedule.send(run, broker, schedule.every_second(100, **{"catch-up": "all"}))
        for _ in range(run.repeats):
            with schedule.Scheduler(run, broker, "second") as goes:
                half = schedule.PARTITIONS // 2
                schedule.wait_for(goes.admin, "horolog_scheduler_partitions_owned", half)
                schedule.wait_for(goes.admin, "horolog_scheduler_fired_total", 100)
                time.sleep(1)
                reader = subprocess.Popen(
                    [str(run.bench), "lateness", "--bootstrap", broker.address, "--seconds", "14"],
                    stdout=subprocess.PIPE, text=True)
                time.sleep(1)
                end(goes)
                took.append(run.take(reader)["lateness"]["max_us"] / 1e6)
        schedule.command(run, broker, "schedule", "rm", "--all", "--yes", "--timeout", "60s")
    return took


def row_failover(run, end):
    with schedule.idle_broker(run) as broker:
        ours = failover(run, broker, end)
    theirs = failover(run, run.kafka(), end)
    return (f"{spread(ours)} s; on Apache Kafka {spread(theirs)} s",
            f"the most that any of 100 fires/s was late, {run.repeats} times each")


def row_failover_stop(run):
    return row_failover(run, schedule.Scheduler.stop)


def row_failover_kill(run):
    return row_failover(run, schedule.Scheduler.kill)


def measured(run, broker, *words):
    """Runs a command of ours; the most memory that it took."""
    program = run.bench.parent / "horolog"
    with subprocess.Popen(list(map(str, (program, *words, "-b", broker.address))),
                          stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: exit {process.returncode}")
    return usage.ru_maxrss * 1024


def row_bulk_cancel(run):
    """`horolog schedule rm --label`: from the command until the last of them has gone."""
    count = run.count(50_000, 1_000_000)
    kept = count // 100
    with run.horolog() as broker:
        schedule.target(run, broker)
        schedule.send(run, broker, (
            (f"cancel-{i}", {"topic": "fired", "delay": f"{86_400 + i}s",
                             "labels": "job=kept" if i < kept else "job=gone"})
            for i in range(count + kept)))
        schedule.wait_for(broker.admin, "horolog_scheduler_pending", count + kept, 600)
        began = time.monotonic()
        peak = measured(run, broker, "schedule", "rm", "--label", "job=gone", "--yes")
        while schedule.metric(broker.admin, "horolog_scheduler_pending") > kept:
            time.sleep(0.02)
        took = time.monotonic() - began
        memory = brokers.rss_bytes(broker.pid) / (1 << 20)
    return (f"{took:.1f} s", f"{count:,} of {count + kept:,}; command {peak / (1 << 20):.0f} MB, "
            f"broker {memory:.0f} MB")
