#!/usr/bin/env python3
"""The layout test: fails when the tree breaks a rule of the house.

    tools/tidy.py SOURCE_DIR     checks a tree; exit 0 clean, 1 broken rules, 2 usage
    tools/tidy.py --self-test    proves that every rule fires on a bad snippet

Rules that fail: include edges between layers, file and line length, leftovers, capturing lambda
coroutines inside co_await (g++ 12 destroys their captures twice), threads and clock reads in the
pure layers, unknown top-level entries, host and machine names. Long files and functions warn.
"""

import fnmatch
import os
import re
import sys
from collections import Counter

MAX_LINES, WARN_LINES, MAX_COLUMNS, WARN_FUNCTION_LINES = 400, 300, 100, 70

# What each layer may include besides itself. The keys are also the only folders that may exist
# under src/. A missing edge is a decision: net never sees storage, admin never sees the broker.
ROOT = {"include"}
BASE = ROOT | {"base"}
FORMATS = BASE | {"record", "protocol"}
PURE = FORMATS | {"timekeeping"}
CLIENT_SIDE = PURE | {"net", "security", "client"}
LAYERS = {
    "include": set(),
    "base": ROOT,
    "record": BASE,
    "protocol": BASE,
    "storage": FORMATS,
    "coordinator": FORMATS,
    "timekeeping": FORMATS,
    "net": FORMATS,
    "security": FORMATS,
    "broker": PURE | {"storage", "coordinator", "net", "security"},
    "admin": BASE | {"net", "security"},
    "client": FORMATS | {"net", "security"},
    # admin: horolog-scheduler alone has the same HTTP endpoint as the broker.
    "scheduler": CLIENT_SIDE | {"admin"},
    # scheduler: run records, retries and fire ids are one format, spelled there. admin: /metrics.
    "worker": CLIENT_SIDE | {"scheduler", "admin"},
}
EVERYTHING = set(LAYERS)
LAYERS["horologd"] = EVERYTHING - {"include"} | ROOT
TOP_LAYERS = {
    "tools": CLIENT_SIDE - {"record"} | {"scheduler", "worker"},
    "tools/log": CLIENT_SIDE | {"scheduler", "worker", "storage"},
    "bench": EVERYTHING,
    "tests": EVERYTHING | {"horologd"},
}
NO_ASIO = {"include", "base", "record", "protocol", "storage", "coordinator", "timekeeping"}
NO_THREADS = {"record", "protocol", "storage", "coordinator", "timekeeping"}

TOP_LEVEL = {"CMakeLists.txt", "README.md", "LICENSE", "CMakePresets.json", "src", "include",
             "storage", "tests", "bench", "config", "tools"}
CPP = (".hpp", ".cpp", ".h", ".cc")
CODE = CPP + (".py", ".sh", ".cmake", ".java", ".js", ".mjs", ".go")
TEXT = CODE + (".md", ".txt", ".yaml", ".yml", ".json", ".service", ".xml", ".mod", ".toml")

LEFTOVER = re.compile(r"\b(TO[D]O|FIX[M]E|X{3}|HA[C]K)\b")
IF_ZERO = re.compile(r"^\s*#\s*if\s+(0|false)\b")
CPP_COMMENT = re.compile(r"^\s*//(?!/|!)\s*(.*\S)\s*$")
DEAD_CPP = re.compile(
    r"^(?:[\w:.>\[\]-]+\(.*\);|(?:return|co_return|co_await|delete|throw)\b[^.]*;"
    r"|#\s*include\b.*|(?:if|for|while|switch) \(.*[{;]|(?:const |auto |std::)[^.]*[;{]"
    r"|[\w:<>*&,\s]+ = [^.]*;|}+;?)$")
DEAD_PY = re.compile(r"^\s*#\s*(?:print\(.*\)|import [\w.]+|from [\w.]+ import .*|def \w+\(.*\):"
                     r"|[\w.]+ = [\w.]+\(.*\))$")
HOST = re.compile(r"\b(?:npmjs|pypi|pythonhosted|crates|rubygems|nuget|(?:proxy|sum)\.golang"
                  r"|repo1?\.maven(?:\.apache)?)\.(?:org|io|com)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(?:work|root|home/\w+)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
THREAD = re.compile(r"\bstd::(?:thread|jthread|async)\b|\bpthread_create\b")
CLOCK = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b"
                   r"|\b(?:clock_gettime|gettimeofday)\s*\(|(?<![\w.>])(?:std)?::time\s*\(")
TOKENS = re.compile(
    r'R"(?P<d>[^\s()\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r'|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\''
    r"|//[^\n]*|/\*.*?\*/", re.S)


def mask(source):
    """The source with comments and literals blanked, every line and column kept."""
    def blank(match):
        text = match.group(0)
        keep = text[0] if text[0] in "\"'" else ""
        body = re.sub(r"[^\n]", " ", text)
        return keep + body[1:-1] + keep if keep else body
    return TOKENS.sub(blank, source)


class Report:
    """Collects findings; a rule's name is what the self-test looks for."""

    def __init__(self):
        self.failures, self.warnings, self.counts = [], [], Counter()

    def fail(self, rule, path, line, text):
        self.counts[rule] += 1
        self.failures.append(f"{path}:{line}: [{rule}] {text}")

    def warn(self, rule, path, line, text):
        self.counts[rule] += 1
        self.warnings.append(f"{path}:{line}: warning: [{rule}] {text}")


def layer_of(path):
    """The layer a file lies in, and what it may include; (None, …) outside the layered tree."""
    parts = path.split("/")
    if parts[0] == "include":
        return "include", LAYERS["include"]
    if parts[0] == "storage":
        return "storage", LAYERS["storage"]
    if parts[0] == "src" and len(parts) > 2:
        return parts[1], LAYERS.get(parts[1], set())
    if parts[0] == "tools" and parts[-1].startswith("log_"):
        return "tools", TOP_LAYERS["tools/log"]
    return (parts[0], TOP_LAYERS[parts[0]]) if parts[0] in TOP_LAYERS else (None, set())


def check_include(report, path, number, quoted, angled):
    layer, allowed = layer_of(path)
    if layer is None:
        return
    if angled:
        asio = angled.startswith(("boost/asio", "boost/beast"))
        public = layer == "include" and angled.startswith("boost/")
        if ((asio and layer in NO_ASIO) or public) and path != "include/horolog/asio.hpp":
            report.fail("include", path, number, f"<{angled}>: Asio starts in src/net, and the "
                        "public headers name no Boost")
        return
    first = quoted.split("/")[0]
    target = "include" if first == "horolog" else first
    if ".." in quoted.split("/") or (target not in LAYERS and layer not in TOP_LAYERS):
        report.fail("include", path, number, f'"{quoted}": name it from a root, such as '
                    '"base/bytes.hpp", "storage/file.hpp" or "horolog/error.hpp"')
    elif target in LAYERS and target != layer and target not in allowed:
        report.fail("include", path, number, f"{layer} may not include {target} ({quoted}); "
                    f"allowed: {', '.join(sorted(allowed)) or 'nothing'}")


def close_of(text, start):
    """Index just past the bracket that closes the one at start; len(text) when none does."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i + 1
    return len(text)


def expression_end(text, start):
    """Where the expression that begins at start ends: `;`, or a bracket it did not open."""
    i = start
    while i < len(text):
        if text[i] in "([{":
            i = close_of(text, i)
            continue
        if text[i] in ";)]}":
            return i
        i += 1
    return i


def check_lambda_coroutines(report, path, masked):
    for await_match in re.finditer(r"\bco_await\b", masked):
        end = expression_end(masked, await_match.end())
        for bracket in re.finditer(r"(?<=[(,={!&|?:\s])\[(?!\[)", masked[await_match.end():end]):
            start = await_match.end() + bracket.start()
            before = masked[:start].rstrip()
            if before and (before[-1].isalnum() or before[-1] in "_)]"):
                continue
            captures_end = close_of(masked, start)
            body = masked.find("{", captures_end, end)
            if not masked[start + 1:captures_end - 1].strip() or body < 0:
                continue
            head, inside = masked[captures_end:body], masked[body:close_of(masked, body)]
            if "awaitable" in head or re.search(r"\bco_(await|return|yield)\b", inside):
                report.fail("co_await-lambda", path, masked.count("\n", 0, start) + 1,
                            "a capturing lambda coroutine inside a co_await expression: g++ 12 "
                            "destroys its captures twice; name the lambda first and move it in")


def check_functions(report, path, masked):
    """Warns about long functions: a brace whose head has parentheses, in a class or namespace."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                  masked, flags=re.M)
    i = head_start = 0
    while i < len(code):
        if code[i] in ";}":
            head_start = i + 1
        elif code[i] == "{":
            head = code[head_start:i].strip()
            scope = re.match(r"(?:inline\s+)?(?:namespace|class|struct|union|enum|extern|template"
                             r"[^(]*(?:class|struct))\b", head)
            if not scope and head:
                end = close_of(code, i)
                length = code.count("\n", i, end) + 1
                line = code.count("\n", 0, i) + 1
                if "(" in head and length > WARN_FUNCTION_LINES:
                    name = re.search(r"([\w:~]+)\s*\(", head)
                    report.warn("long-function", path, line, f"{name.group(1) if name else '?'} "
                                f"has {length} lines (aim: {WARN_FUNCTION_LINES})")
                i = end - 1
            head_start = i + 1
        i += 1


def check_pure(report, path, number, code):
    layer, _ = layer_of(path)
    if layer in NO_THREADS and THREAD.search(code):
        report.fail("threads", path, number, f"{layer} owns no threads: take an Executor")
    if layer in NO_THREADS and CLOCK.search(code):
        report.fail("clock", path, number, f"{layer} reads no clock: let the caller pass the time")


def check_cpp(report, path, source):
    masked = mask(source)
    for number, (line, code) in enumerate(zip(source.split("\n"), masked.split("\n")), 1):
        include = INCLUDE.match(line)
        if include:
            check_include(report, path, number, *include.groups())
        if IF_ZERO.match(code):
            report.fail("leftover", path, number, "switched-off code: delete it, git remembers")
        comment = CPP_COMMENT.match(line)
        if comment and DEAD_CPP.match(comment.group(1)):
            report.fail("dead-code", path, number, "looks like commented-out code: delete it, "
                        "or make it a sentence")
        check_pure(report, path, number, code)
    if path.endswith((".hpp", ".h")) and "#pragma once" not in source:
        report.fail("pragma-once", path, 1, "a header starts with #pragma once")
    check_lambda_coroutines(report, path, masked)
    check_functions(report, path, masked)


def check_text(report, path, source):
    for number, line in enumerate(source.split("\n"), 1):
        word = LEFTOVER.search(line)
        if word and path.endswith(CODE + (".txt", ".yaml")):
            report.fail("leftover", path, number, f"{word.group(1)}: do it, or drop it")
        if HOST.search(line):
            report.fail("host", path, number, "names a package registry's host")
        if MACHINE_PATH.search(line):
            report.fail("host", path, number, "names a path of one machine")
        if path.endswith(".py") and DEAD_PY.match(line):
            report.fail("dead-code", path, number, "looks like commented-out code")


def check_size(report, path, source):
    lines = source.split("\n")
    count = len(lines) - (1 if lines[-1] == "" else 0)
    if count > MAX_LINES:
        report.fail("file-length", path, count, f"{count} lines (at most {MAX_LINES}): split it")
    elif count > WARN_LINES:
        report.warn("long-file", path, count, f"{count} lines (aim: {WARN_LINES})")
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            report.fail("columns", path, number, f"{len(line)} columns (at most {MAX_COLUMNS})")


def ignored_names(root):
    """What .gitignore drops: patterns without inner slashes, which is all ours has."""
    try:
        with open(os.path.join(root, ".gitignore"), encoding="utf-8") as file:
            lines = [line.strip().strip("/") for line in file]
    except FileNotFoundError:
        lines = []
    return {".git", "build"} | {line for line in lines if line and not line.startswith("#")}


def files_of(root, ignored):
    def kept(name):
        return not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if kept(name))
        for name in sorted(filter(kept, names)):
            yield os.path.relpath(os.path.join(folder, name), root)


def check_tree(root):
    """Checks every file below root; the number of files read goes into the report."""
    report, ignored = Report(), ignored_names(root)
    for entry in sorted(os.listdir(root)):
        if not (entry in TOP_LEVEL or entry.startswith(".") or entry in ignored):
            report.fail("top-level", entry, 1, "not one of the top-level entries; see README.md")
    source_root = os.path.join(root, "src")
    for entry in sorted(os.listdir(source_root)) if os.path.isdir(source_root) else []:
        if entry not in LAYERS or entry in ("include", "storage"):
            report.fail("top-level", f"src/{entry}", 1, "not a layer; see tools/tidy.py")
    report.files = 0
    for path in files_of(root, ignored):
        special = path.startswith(".ci/") or os.path.basename(path) == "Makefile"
        if not (path.endswith(TEXT) or special) or os.path.islink(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            source = file.read()
        report.files += 1
        check_text(report, path, source)
        if path.endswith(CODE) or path.endswith("CMakeLists.txt") or special:
            check_size(report, path, source)
        if path.endswith(CPP):
            check_cpp(report, path, source)
    return report


def main(arguments):
    if arguments == ["--self-test"]:
        sys.dont_write_bytecode = True
        import tidy_selftest
        return tidy_selftest.run()
    if len(arguments) != 1 or not os.path.isdir(arguments[0]):
        print(__doc__, file=sys.stderr)
        return 2
    report = check_tree(arguments[0])
    print("\n".join(report.warnings + report.failures), end="\n" if report.counts else "")
    found = ", ".join(f"{rule} {count}" for rule, count in sorted(report.counts.items()))
    print(f"tidy: {report.files} files, {len(report.failures)} failures, "
          f"{len(report.warnings)} warnings{' (' + found + ')' if found else ''}")
    if report.files == 0:
        print("tidy: nothing to check: is this the source directory?", file=sys.stderr)
    return 1 if report.failures or report.files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
