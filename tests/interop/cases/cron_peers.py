"""Suite `cron`: the next times of each dialect beside the scheduler it is named after.

`standard` beside croniter, `robfig` beside robfig/cron v3, `quartz` beside Quartz: random texts of
the kind for which both promise the same, and texts that both refuse. No broker takes part.
"""
import os
import random
import shutil
import subprocess

from harness import clients as known
from harness import paths
from harness.results import check

SUITE = "cron"
COUNT = 400
CRONITER = ("croniter==7.0.0",)
DAYS = "SUN MON TUE WED THU FRI SAT".split()
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def croniter():
    return [known.python_env(CRONITER), paths.DRIVERS / "cron_croniter.py"]


def robfig():
    source = paths.DRIVERS / "cron_robfig"
    names = ("main.go", "go.mod", "go.sum")

    def make(folder):
        for f in names:
            shutil.copy(source / f, folder)
        known.quiet([known.need(known.DEBIAN_GO), "build", "-o", "driver", "."], cwd=folder,
                    env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"})

    key = "".join((source / f).read_text() for f in names)
    return [known.kept("cron-robfig", key, make) / "driver"]


def quartz():
    source = paths.DRIVERS / "cron_quartz"
    files = [source / "pom.xml", source / "QuartzTimes.java"]

    def make(folder):
        shutil.copy(files[0], folder)
        known.fetch_jars(folder)
        known.quiet([known.need("javac"), "-nowarn", "-d", str(folder), "-cp",
                     f"{folder}/jars/*", str(files[1])])

    made = known.kept("cron-quartz", "".join(f.read_text() for f in files), make)
    return [known.need("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
            f"{made}:{made}/jars/*", "QuartzTimes"]


def answers(command, lines):
    done = subprocess.run([str(word) for word in command], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, timeout=120, check=False)
    out = done.stdout.splitlines()
    check(done.returncode == 0 and len(out) == len(lines),
          f"{command[0]}: code {done.returncode}, {len(out)} answers to {len(lines)}: "
          f"{done.stderr[-500:]}")
    return out


def field(chosen, low, high, star=50, names=None, wraps=False):
    """One random field: a star with or without step, or up to three values and ranges."""
    if chosen.randrange(100) < star:
        return "*" if chosen.random() < 0.7 else f"*/{chosen.randint(2, max(2, high // 2))}"
    items = []
    for _ in range(chosen.randint(1, 3)):
        # croniter takes a-a for the whole field, so a range has two ends.
        a, b = chosen.sample(range(low, high + 1), 2)
        if a > b and not wraps:
            a, b = b, a
        named = names and chosen.random() < 0.3
        say = (lambda v: names[v - low]) if named else str
        forms = [say(a), say(a), f"{say(a)}-{say(b)}", f"{a}-{b}/{chosen.randint(1, 5)}"]
        items.append(chosen.choice(forms))
    return ",".join(items)


def days(chosen, both):
    """A pair of day fields; with `both`, sometimes two that are set and begin with no star."""
    kind = chosen.randrange(3)
    month = field(chosen, 1, 31, star=0) if kind in (0, 2) and (both or kind == 0) else "*"
    week = field(chosen, 0, 6, star=0, names=DAYS) if kind in (1, 2) else "*"
    return month, week


def standard_texts(chosen):
    for _ in range(COUNT):
        month, week = days(chosen, both=True)
        if chosen.random() < 0.15:
            month, week = "L", "*"
        elif chosen.random() < 0.15:
            month, week = "*", f"{chosen.choice(DAYS)}#{chosen.randint(1, 5)}"
        yield " ".join([field(chosen, 0, 59, 20), field(chosen, 0, 23, 30), month,
                        field(chosen, 1, 12, 60, MONTHS), week])
    yield from ("0 0 29 2 *", "0 0 31 4,6 *", "0 0 * * 7", "@hourly", "@daily", "@weekly",
                "@monthly", "@yearly")


def robfig_texts(chosen):
    for _ in range(COUNT):
        month, week = days(chosen, both=True)
        if chosen.random() < 0.2:
            month = f"*/{chosen.randint(2, 9)}"
        seconds = field(chosen, 0, 59, 20) + " " if chosen.random() < 0.3 else ""
        yield seconds + " ".join([field(chosen, 0, 59, 20), field(chosen, 0, 23, 30), month,
                                  field(chosen, 1, 12, 60, MONTHS), week])
    yield from ("0 0 29 2 *", "0 0 31 4,6 *", "@hourly", "@daily", "@weekly", "@monthly",
                "@yearly", "@every 1h30m", "@every 90s", "0 0 ? * ?", "5/15 0 1 * *",
                "1,,2 * * * *")


def quartz_day(chosen):
    kind = chosen.randrange(8)
    if kind < 3:
        return field(chosen, 1, 28, star=30), "?"
    if kind < 5:
        return "?", field(chosen, 1, 7, star=0, names=DAYS)
    return chosen.choice([("L", "?"), (f"L-{chosen.randint(1, 9)}", "?"), ("LW", "?"),
                          (f"{chosen.randint(1, 28)}W", "?"), ("?", f"{chosen.randint(1, 7)}L"),
                          ("?", f"{chosen.randint(1, 7)}#{chosen.randint(1, 5)}")])


def quartz_texts(chosen):
    for _ in range(COUNT):
        month, week = quartz_day(chosen)
        year = f" {chosen.randint(2026, 2040)}" if chosen.random() < 0.2 else ""
        # Quartz loses times of a day that it found by W, so there is one.
        if month.endswith("W"):
            clock = [str(chosen.randrange(n)) for n in (60, 60, 24)]
        else:
            clock = [field(chosen, 0, 59, 10, wraps=True), field(chosen, 0, 59, 20, wraps=True),
                     field(chosen, 0, 23, 30, wraps=True)]
        yield " ".join([*clock, month, field(chosen, 1, 12, 60, MONTHS), week]) + year
    yield from ("0 0 22-2 ? * *", "0 0 0 ? * FRI-MON", "0 0 12 ? * L", "0 0 0 29 2 ?")


REFUSED = {
    "standard": ("", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
                 "* * * 13 *", "* * * * 8", "x * * * *", "*/0 * * * *", "@never"),
    "robfig": ("", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7",
               "5--5 * * * *", "1-2-3 * * * *", "*//2 * * * *", "*/0 * * * *", "5-3 * * * *",
               "* 22-2 * * *", "* * L * *", "* * 15W * *", "* * * * 5#3", "* * * * Sunday",
               "@Daily", "@reboot", "@every 1d", "@every 5", "@every Xm",
               "TZ=Nowhere/City * * * * *"),
    "quartz": ("", "0 0 0 * *", "60 0 0 ? * *", "0 60 0 ? * *", "0 0 24 ? * *", "0 0 0 32 * ?",
               "0 0 0 ? 13 *", "0 0 0 ? * 8", "0 0 0 1 * MON", "0 0 0 ? * ?", "0 0 0 ? * 2#6"),
}


def compare(dialect, theirs, lines, ours):
    mine = answers([ours, dialect], lines)
    wrong = []
    fires = 0
    for line, got, expected in zip(lines, mine, answers(theirs, lines)):
        if got != expected:
            wrong.append(f"{line!r}: horolog {got[:120]}, {theirs[0]} {expected[:120]}")
        fires += 0 if got == "none" else got.count(" ") + 1
    check(not wrong, f"{len(wrong)} of {len(lines)} differ:\n" + "\n".join(wrong[:10]))
    check(fires > len(lines), f"only {fires} times compared")


def refuse(dialect, theirs, ours):
    lines = [f"{text}\tUTC\t1774677600\t1" for text in REFUSED[dialect]]
    for who, command in (("horolog", [ours, dialect]), ("the other", theirs)):
        accepted = [line for line, said in zip(lines, answers(command, lines))
                    if not said.startswith(("refused: ", "panic: "))]
        check(not accepted, f"{who} accepts {accepted}")


def lines_of(texts, zones, chosen):
    """From random moments of ten years, eight times each."""
    return [f"{text}\t{chosen.choice(zones)}\t{chosen.randrange(1735689600, 2051222400)}\t8"
            for text in texts]


def run(results, broker, _folder, _clients):
    broker.stop()
    ours = paths.SOURCE / "build/release/bin/cron_times"
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"  cron: seed {seed}", flush=True)
    # Only robfig's zones matter: it and we promise the same there, at changes of the clock too.
    changing = ["Europe/Berlin", "America/New_York", "Europe/London", "Australia/Sydney",
                "Asia/Kolkata", "UTC"]
    for dialect, prepare, texts, zones in (
            ("standard", croniter, standard_texts, ["UTC"]),
            ("robfig", robfig, robfig_texts, changing),
            ("quartz", quartz, quartz_texts, ["UTC"])):
        chosen = random.Random(f"{seed}-{dialect}")
        theirs = results.run(SUITE, prepare.__name__, "fetched or built", prepare)
        if not isinstance(theirs, list):
            continue
        results.run(SUITE, prepare.__name__, f"the same times as dialect {dialect}", compare,
                    dialect, theirs, lines_of(texts(chosen), zones, chosen), ours)
        results.run(SUITE, prepare.__name__, f"dialect {dialect} refuses what it refuses", refuse,
                    dialect, theirs, ours)
