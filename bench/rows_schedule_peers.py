"""Rows of the table: what users would schedule with otherwise, beside Horolog in the same run."""

import json
import subprocess
import time

import brokers
import rows_schedule as schedule


def peer(run, name):
    """Builds a Go program of bench/peers with the toolchain that is here."""
    binary = (run.dir / f"peer-{name}").resolve()
    subprocess.run(["go", "build", "-o", str(binary), "."], check=True,
                   cwd=brokers.HERE / "peers" / name, capture_output=True)
    return binary


def answer(binary, *words):
    done = subprocess.run([str(binary), *map(str, words)], check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout)


def row_robfig(run):
    """10,000 schedules that run every second: robfig/cron keeps them in its memory."""
    rate = 2_000 if run.quick else 10_000
    seconds = 5 if run.quick else 20
    theirs = answer(peer(run, "robfig"), "--entries", rate, "--seconds", seconds)
    with run.horolog() as broker:
        schedule.target(run, broker)
        schedule.send(run, broker, schedule.every_second(rate, phase="0ms"))
        schedule.wait_for(broker.admin, "horolog_scheduler_fired_total", 2 * rate)
        ours = schedule.seen(run, broker, seconds)
        memory = brokers.rss_bytes(broker.pid) / (1 << 20)
    late = ours["lateness"]
    return (f"p50 {late['p50_us'] / 1000:.0f}, p99 {late['p99_us'] / 1000:.0f} ms beside "
            f"{theirs['p50_ms']:.0f}, {theirs['p99_ms']:.0f}",
            f"{ours['fires_per_s']:,.0f} beside {theirs['fires_per_s']:,.0f} fires/s, all at the "
            f"full second; {memory:.0f} MB (broker and all topics) beside "
            f"{theirs['memory_mb']:.0f}; killed: nothing is lost, beside everything")


def row_asynq(run):
    """Delayed jobs that are due in the same second: accepted, run, and what kill -9 takes."""
    count = 10_000 if run.quick else 100_000
    binary = peer(run, "asynq")
    ahead = 5 if run.quick else 40
    folder = run.dir / "redis"
    with brokers.Redis(folder) as redis:
        due = int((time.time() + ahead) * 1000)
        sent = answer(binary, "enqueue", "--redis", redis.address, "--count", count, "--due", due)
        memory = brokers.rss_bytes(redis.pid) / (1 << 20)
        redis.kill()
        with brokers.Redis(folder, keep=True) as again:
            done = answer(binary, "work", "--redis", again.address, "--count", count, "--seconds",
                          ahead + 120)
    with run.horolog() as broker:
        schedule.target(run, broker)
        due = int((time.time() + ahead) * 1000)
        took = schedule.send(run, broker, ((f"job-{i}", {"topic": "fired", "at": str(due)})
                                           for i in range(count)))
        ours_memory = brokers.rss_bytes(broker.pid) / (1 << 20)
        broker.kill()
        broker = brokers.Horolog(run.horologd, broker.folder, keep=True)
        ours = schedule.seen(run, broker, ahead + 60, count=count)
        broker.stop()
    late = ours["lateness"]
    lost = count - done["fires"], count - ours["fires"]
    # Fires arrive in about the time that the last was late.
    rate = ours["fires"] / max(late["max_us"] / 1e6, 0.001)
    return (f"{count / took:,.0f} beside {sent['accepted_per_s']:,.0f} jobs/s accepted; "
            f"p50 {late['p50_us'] / 1000:.0f}, p99 {late['p99_us'] / 1000:.0f} ms beside "
            f"{done['p50_ms']:.0f}, {done['p99_ms']:.0f}",
            f"{count:,} due at once after a kill -9; {rate:,.0f} beside "
            f"{done['fires_per_s']:,.0f} jobs/s; {ours_memory:.0f} beside {memory:.0f} MB; lost "
            f"{lost[1]} beside {lost[0]}; Redis syncs before every answer")
