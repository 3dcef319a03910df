"""Suite `command_goldens`: what every command of `horolog` prints, word for word, in its table and
as JSON, against a real broker. A command that is not called here fails the suite. Those of
schedules and tasks have suites of their own (`schedules`, `tasks`).

HOROLOG_WRITE_GOLDEN=1 writes the files anew, to be read by a person.
"""
import os
import pathlib
import re
import shutil
import signal
import subprocess

from cases.command_groups import fill, member
from harness.caller import Caller, golden
from harness.results import check

SUITE = "command_goldens"
ELSEWHERE = ("schedule", "calendar", "task", "check schedule", "check task")
# Only what one run of a command may print differently; the rest is masked by golden().
MORE_VOLATILE = [
    (re.compile(r'("(?:seconds|in_per_s|out_per_s)": )[\d.]+'), r"\1N"),
    (re.compile(r"answered in \d+ ms"), "answered in N ms"),
    (re.compile(r'(answer_ms=|"value": )\d+'), r"\1N"),
    # With the files of the partition that a clean stop leaves.
    (re.compile(r'("bytes": )\d+(?=,\n  "seconds")'), r"\1N"),
    (re.compile(r"in \d+\.\d s; last stop"), "in N s; last stop"),
    (re.compile(r"(?:own-client|rdkafka)-[0-9a-f-]{36}"), "MEMBER"),
    (re.compile(r"[\d.]+ GiB free"), "N GiB free"),
    (re.compile(r"/[\w./-]*/(?=copy|home|command_goldens)"), "DIR/"),
    (re.compile(r'("(?:crc|producer_id)": )\d+'), r"\1N"),
    (re.compile(r"(crc|producer)=(?:0x)?[0-9a-f]+"), r"\1=N"),
]


class Goldens:
    """Calls commands, compares what they print, and remembers which they were."""

    def __init__(self, call, broker):
        self.call = call
        self.broker = broker
        self.called = set()

    def both(self, *words, code=0, stdin=""):
        self.text(*words, code=code, stdin=stdin)
        self.text(*words, "--json", code=code, stdin=stdin)

    def text(self, *words, code=0, stdin="", name=None):
        words = [str(word) for word in words]
        self.called.add(name or self.command_of(words))
        shown = self.call.out(*words, code=code, stdin=stdin)
        for pattern, mask in MORE_VOLATILE:
            shown = pattern.sub(mask, shown)
        plain = [pathlib.Path(word).name if word.startswith("/") else word for word in words]
        file = re.sub(r"[^\w.=-]+", "_", " ".join(plain)).strip("_")
        golden(f"every/{file}", f"exit {code}\n{shown}")

    def holds(self, text, *words):
        words = [str(word) for word in words]
        self.called.add(self.command_of(words))
        check(text in self.call.out(*words), f"'{text}' is not in {words}")

    def command_of(self, words):
        for count in (3, 2, 1):
            name = " ".join(words[:count])
            if name in self.known():
                return name
        raise AssertionError(f"no command: {words}")

    def known(self):
        if not hasattr(self, "_known"):
            reference = self.call.out("generate", "reference")
            self._known = set(re.findall(r"^## horolog (.*)$", reference, re.M))
        return self._known


def topics(g):
    g.both("topic", "ls")
    g.text("topic", "create", "made", "-p", 2, "-c", "retention.ms=60000")
    g.text("topic", "create", "made-too", "--json")
    g.both("topic", "describe", "made")
    g.both("topic", "alter", "made", "retention.ms=1000", "--dry-run")
    g.text("topic", "alter", "made", "retention.ms=1000")
    g.text("topic", "add-partitions", "made", 4)
    g.text("topic", "add-partitions", "made", 5, "--json")
    g.both("topic", "trim", "own-orders:1", "--before", 5, code=6)
    g.both("topic", "trim", "own-orders:1", "--before", 5, "--yes")
    g.both("topic", "rm", "made", code=6)
    g.text("topic", "rm", "made", "--yes")
    g.text("topic", "rm", "made-too", "--yes", "--json")
    g.both("offsets", "own-orders")
    g.both("offsets", "own-orders:1", "--at", "2023-11-14T22:15:00Z")


def groups(g):
    g.both("group", "ls")
    g.both("group", "describe", "own-billing")
    g.both("group", "lag", "own-billing")
    g.both("group", "top")
    g.text("group", "top", "--stalled", "--lagging", "--state", "empty", "--sort", "lag-time")
    g.text("group", "top", "--state", "Stable")
    g.both("group", "reset", "own-billing", "--to", "-10", code=6)
    g.text("group", "reset", "own-billing", "--to", "earliest", "--execute")
    g.text("group", "export", "own-billing")
    plan = g.call.home / "plan.csv"
    plan.write_text("own-billing,own-orders,0,40\nown-billing,own-orders,1,100\n")
    g.both("group", "import", plan, code=6)
    g.text("group", "import", plan, "--execute")
    with member(g.call):
        g.both("group", "members", "own-active")
    g.both("check", "group", "own-billing", code=2)
    g.both("group", "offset-rm", "own-billing", "own-orders", code=6)
    g.text("group", "offset-rm", "own-billing", "own-orders", "--yes")
    g.both("group", "rm", "own-billing", code=6)
    g.text("group", "rm", "own-billing", "--yes")


def records(g):
    g.text("topic", "create", "lines", "-p", 1)
    at = ("--timestamp", "2023-11-14T22:15:00Z")
    g.text("produce", "lines", *at, "-K", ":", stdin="apple:1\nbanana:2\n")
    g.text("produce", "lines", *at, "--json", stdin='{"key": "cherry", "value": "3"}\n')
    g.both("consume", "lines", "-e")
    g.text("consume", "lines", "-e", "-f", "%t %p %o %k=%v %d %a{compression}\\n")
    g.both("check", "topic", "lines")


def settings(g):
    g.both("config", "ls", "topic", "lines")
    g.both("config", "get", "topic", "lines", "retention.ms")
    g.both("config", "set", "topic", "lines", "retention.ms=7000")
    g.both("config", "diff", "topic", "lines")
    g.both("config", "explain", "retention.ms")
    good = g.call.home / "good.yaml"
    good.write_text("log:\n  retention:\n    hours: 24\n")
    g.text("config", "check", good)
    g.text("profile", "set", "near", "bootstrap.servers=localhost:9092")
    g.text("profile", "use", "near")
    g.both("profile", "ls")
    g.text("profile", "rm", "near")


def the_rest(g):
    g.both("cluster", "info")
    g.both("cluster", "health")
    g.both("check", "broker")
    g.both("errors", "ls")
    g.both("errors", "lookup", "NOT_COORDINATOR")
    for what in ("prometheus", "systemd"):
        g.text("generate", what)


def from_the_table(g):
    """These show the table of commands: test_tools holds them against it, word for word."""
    for shell in ("bash", "zsh", "fish"):
        g.holds("__complete", "completion", shell)
        g.holds("__complete", "generate", "completion", shell)
    pages = g.call.home / "man"
    pages.mkdir()
    g.holds("", "generate", "man", pages)
    check((pages / "horolog-topic-ls.1").exists(), f"no page: {sorted(pages.iterdir())}")
    g.holds("## horolog topic ls", "generate", "reference")


def dev(g):
    """What it tells one to try works; Ctrl-C ends it, and nothing is left."""
    g.called.add("dev")
    environment = dict(os.environ, PATH=f"{pathlib.Path(g.call.program).parent}:"
                       + os.environ["PATH"])
    with subprocess.Popen([g.call.program, "dev"], stdout=subprocess.PIPE, text=True) as process:
        try:
            said = []
            while "Ctrl-C" not in "".join(said[-1:]):
                said.append(process.stdout.readline())
                check(said[-1], f"it ended after {said}")
            data = pathlib.Path(re.search(r"data in (\S+)\)", said[0]).group(1))
            check(data.is_dir(), f"{data} is not there")
            script = "set -e\n" + "".join(line for line in said if line.startswith("  "))
            tried = subprocess.run(["bash", "-c", script], env=environment, capture_output=True,
                                   text=True, timeout=60, check=False)
            check(tried.returncode == 0 and "apple\t1\n" in tried.stdout,
                  f"{script}{tried.stdout}{tried.stderr}")
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()
    check(process.returncode == 0, f"exit {process.returncode}")
    check(not data.parent.exists(), f"{data.parent} is left")


def bench(g):
    """It only starts horolog-bench with the words that follow, and gives its exit code back."""
    g.called.add("bench")
    program = pathlib.Path(g.call.program).parent / "horolog-bench"
    for words in (["--help"], ["limits", "no-such-limit"]):
        ours, theirs = (subprocess.run([*start, *words], capture_output=True, text=True,
                                       timeout=60, check=False)
                        for start in ([g.call.program, "bench"], [program]))
        check((ours.returncode, ours.stdout, ours.stderr) ==
              (theirs.returncode, theirs.stdout, theirs.stderr), f"{ours}\n{theirs}")


def offline(g, work):
    """On a copy of the directory of the stopped broker."""
    check(g.broker.stop() == 0, "no clean stop")
    data = pathlib.Path(work) / "copy"
    shutil.copytree(g.broker.data, data)
    g.broker.start()
    g.both("log", "ls", data / "lines-0")
    g.both("log", "dump", data / "lines-0", "--records", "--logs-only")
    g.both("log", "verify", data / "lines-0")
    g.both("log", "recover", data, "--dry-run")


def nothing_left_out(g):
    left = {name for name in g.known() - g.called
            if not name.startswith(ELSEWHERE)}
    check(not left, f"no golden file shows what these print: {sorted(left)}")


def run(results, broker, work, _chosen):
    call = Caller(broker, work)
    subject = "horolog"
    if not results.run(SUITE, subject, "a topic, records, a foreign group", fill, call):
        return
    g = Goldens(call, broker)
    for name, case in {"topics": topics, "groups": groups, "records": records,
                       "settings": settings, "the rest": the_rest,
                       "made from the table": from_the_table, "dev": dev,
                       "bench": bench}.items():
        results.run(SUITE, subject, name, case, g)
    results.run(SUITE, subject, "offline", offline, g, work)
    results.run(SUITE, subject, "no command left out", nothing_left_out, g)
