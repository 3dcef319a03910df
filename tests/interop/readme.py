#!/usr/bin/env python3
"""Runs the commands of README.md, so that nothing in it is only a claim.

Every block marked sh or python is taken apart and run in order, in a fresh folder that looks like
the checkout, against the broker the README itself starts. Commands that would build, install or
test (this very run among them) are checked to exist instead; what each became is printed. A block
marked text that follows one marked sh at once is what its commands print: every line of it must be
among their output, but for numbers, times and names that differ from run to run; "…" stands for
what is left out. A block marked cpp must stand in one of the library's examples, which the suite
`library` builds and runs.
Closing line: "N passed, N failed".
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness import clients, paths  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Run by whoever runs this test, or by itself for many minutes: existence and syntax are checked.
SCRIPTS = re.compile(r"^(tools/[a-z]+\.sh|bench/[a-z/]+\.(?:py|sh)|tests/[a-z/_]+\.py)\b")
BUILDS = re.compile(r"^cmake ")
SERVER = re.compile(r"^(build/release/bin/)?horologd\b")
BESIDE = re.compile(r"^(horolog-scheduler\b.*?)\s*&$")
EXAMPLES = ROOT / "src" / "client" / "examples"
ONE_SHOT = ("--check-config", "--print-config", "--version", "--help")


# Differs from run to run.
VARIES = [(re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
          (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)"), "TIME"),
          (re.compile(r"^(WORKER +)\S+"), r"\1NAME"),
          (re.compile(r"\b\d[\d.]*(?:ms|us|s|m|h|d)(?:\d+[smh])?\b"), "SPAN"),
          (re.compile(r"\b\d+(?:[.,]\d+)*\b"), "N"), (re.compile(r"\s+"), " ")]


def blocks(text):
    """(language, lines) of every fenced block that has a language we run or compare: shown is a
    block of text that follows commands at once."""
    fences = re.compile(r"^```(sh|python|cpp)\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.M | re.S)
    for match in fences.finditer(text):
        yield match.group(1), match.group(2).splitlines()
        if match.group(3) is not None:
            yield "shown", match.group(3).splitlines()


def masked(line):
    for pattern, word in VARIES:
        line = pattern.sub(word, line)
    return line.strip()


def missing_lines(shown, printed):
    """Those of `shown` that are nowhere in `printed`."""
    there = [masked(line) for line in printed]
    missing = []
    for line in shown:
        parts = [re.escape(part.strip()) for part in masked(line).split("…")]
        pattern = re.compile(".*".join(parts))
        if not any(pattern.fullmatch(each) for each in there):
            missing.append(line)
    return missing


def commands(lines):
    for line in lines:
        command = re.sub(r"\s+#.*$", "", line).strip()
        if command and not command.startswith("#"):
            yield command


class Runner:
    def __init__(self, folder):
        self.folder = folder
        self.server = None
        self.beside = []
        self.passed = 0
        self.failed = 0
        self.printed = []  # by the block before
        self.environment = dict(os.environ, PATH=f"{paths.default_binary().parent}:"
                                + os.environ["PATH"])

    def note(self, ok, what, detail=""):
        self.passed += ok
        self.failed += not ok
        print(f"  {'ok  ' if ok else 'FAIL'} {what}{': ' + detail if detail else ''}", flush=True)

    def stop_server(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(30)
        self.server = None

    def stop_all(self):
        for process in self.beside:
            process.terminate()
        for process in self.beside:
            process.wait(30)
        self.stop_server()

    def start_server(self, command):
        self.stop_server()
        self.server = self.start(command)

    def start(self, command):
        """A program that goes on running, once it has printed its ready line."""
        log = open(self.folder / "server.log", "ab")
        process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=self.folder,
                                   env=self.environment, stdout=subprocess.PIPE, stderr=log,
                                   text=True)
        line = process.stdout.readline()
        self.note("ready" in line, command, line.strip() or "no ready line")
        return process

    def run_shell(self, command):
        beside = BESIDE.match(command)
        if beside:
            self.beside.append(self.start(beside.group(1)))
            return
        for part in command.split(" && "):
            script = SCRIPTS.match(part)
            if script:
                found = ROOT / script.group(1)
                good = found.exists() and os.access(found, os.X_OK)
                self.note(good, part, "is there" if good else "is missing or not executable")
            elif BUILDS.match(part):
                self.note((ROOT / "CMakePresets.json").exists(), part, "made what is tested here")
            elif SERVER.match(part) and not any(option in part for option in ONE_SHOT):
                self.start_server(part)
            else:
                self.run_to_end(part)

    def run_to_end(self, command):
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True, timeout=120)
        self.printed += done.stdout.splitlines()
        detail = (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else ""
        self.note(done.returncode == 0, command, detail)

    def compare(self, shown):
        missing = missing_lines(shown, self.printed)
        self.note(not missing, f"it prints what is shown: {shown[0]}",
                  "" if not missing else f"missing: {missing}; printed: {self.printed}")

    def find_example(self, code):
        found = [path.name for path in EXAMPLES.glob("*.cpp") if code in path.read_text()]
        self.note(bool(found), code.splitlines()[0],
                  found[0] if found else f"in no file of {EXAMPLES}")

    def run_python(self, lines):
        if self.server is None:
            self.start_server("build/release/bin/horologd")
        done = subprocess.run([str(clients.python_env()), "-c", "\n".join(lines)], cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        self.note(done.returncode == 0, lines[0], done.stderr.strip()[-200:])


def main():
    with tempfile.TemporaryDirectory(prefix="horolog-readme-") as name:
        folder = pathlib.Path(name)
        (folder / "build/release").mkdir(parents=True)
        (folder / "build/release/bin").symlink_to(paths.default_binary().parent)
        (folder / "config").symlink_to(ROOT / "config")
        runner = Runner(folder)
        began = time.monotonic()
        try:
            for language, lines in blocks((ROOT / "README.md").read_text()):
                if language == "python":
                    runner.run_python(lines)
                    continue
                if language == "shown":
                    runner.compare(lines)
                    continue
                if language == "cpp":
                    runner.find_example("\n".join(lines))
                    continue
                runner.printed.clear()
                for command in commands(lines):
                    runner.run_shell(command)
        finally:
            runner.stop_all()
    print(f"{runner.passed} passed, {runner.failed} failed in {time.monotonic() - began:.0f} s")
    sys.exit(1 if runner.failed or not runner.passed else 0)


if __name__ == "__main__":
    main()
