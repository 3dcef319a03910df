"""Calls the `horolog` command as a script would, and compares what it prints with files."""
import difflib
import json
import os
import pathlib
import re
import subprocess

from . import paths
from .results import PATIENCE, check

GOLDEN = paths.INTEROP / "golden" / "own_command"

# What differs from run to run, and what stands for it. Widths change with it, so runs of blanks
# count as one.
VOLATILE = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "TIME"),
    (re.compile(r"\b1[6-9]\d{11}\b"), "MS"),
    (re.compile(r"127\.0\.0\.1:\d+"), "ADDRESS"),
    (re.compile(r'("(?:cluster_id|topic_id)": )"[\w-]{22}"'), r'\1"ID"'),
    (re.compile(r"(CLUSTER-ID +)\S+"), r"\1ID"),
    (re.compile(r"(?<!\S)(?=\S*[a-z])(?=\S*[A-Z])[\w-]{22}(?!\S)"), "ID"),
    (re.compile(r"\b[\d.]+m?s +(?=(?:STOPPED|OK)\b)"), "AGE "),
    (re.compile(r'("commit_age_ms": )\d+'), r"\1AGE"),
    (re.compile(r" +"), " "),
]


def command(broker):
    binary = paths.default_binary() if broker.name == "kafka" else broker.binary
    return pathlib.Path(binary).parent / "horolog"


class Caller:
    """Runs the command as a script would: no terminal, a home of its own."""

    def __init__(self, broker, work):
        self.program = command(broker)
        self.bootstrap = broker.bootstrap
        self.home = pathlib.Path(work) / "home"
        self.home.mkdir(parents=True, exist_ok=True)

    def __call__(self, *words, code=0, bootstrap=None, stdin=""):
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "dumb",
               "HOROLOG_BOOTSTRAP_SERVERS": bootstrap or self.bootstrap}
        done = subprocess.run([str(self.program), *map(str, words)], input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env,
                              cwd=self.home, timeout=60 * PATIENCE, check=False)
        check(done.returncode == code,
              f"horolog {' '.join(map(str, words))}: exit {done.returncode}, not {code}\n"
              f"{done.stdout}{done.stderr}")
        check("\x1b" not in done.stdout + done.stderr, "colours without a terminal")
        return done

    def out(self, *words, **more):
        return self(*words, **more).stdout

    def json(self, *words, **more):
        return json.loads(self.out(*words, "--json", **more))

    def fails(self, code, *words, says=(), **more):
        """Nothing on stdout, and each of `says` on stderr."""
        done = self(*words, code=code, **more)
        check(done.stdout == "", f"data of a failed command: {done.stdout}")
        for text in says:
            check(text in done.stderr, f"{words}: '{text}' is not in:\n{done.stderr}")


def masked(text):
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def golden(name, text):
    """Compares with the file; HOROLOG_WRITE_GOLDEN=1 writes it anew, to be read by a person."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("HOROLOG_WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(masked(text))
    wanted = path.read_text()
    if masked(text) == wanted:
        return
    lines = difflib.unified_diff(wanted.splitlines(), masked(text).splitlines(), str(path), "now",
                                 lineterm="")
    check(False, "\n".join(lines))
