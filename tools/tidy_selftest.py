"""Self-test of tidy.py: each rule must fire on a bad snippet and stay silent on its good twin."""

import os
import tempfile

import tidy

LONG = "int f(" + "int argument, " * 8 + "int z);\n"
BODY = "int f() {\n" + "  g();\n" * 80 + "}\n"
H = "#pragma once\n"
RUN = "Awaitable run() {\n  co_await %s;\n}\n"

# rule, path, bad content, good content (None = no twin)
CASES = [
    ("include", "src/base/a.hpp", H + '#include "record/batch.hpp"\n', H),
    ("include", "src/record/a.cpp", '#include "protocol/reader.hpp"\n',
     '#include "base/bytes.hpp"\n'),
    ("include", "storage/a.cpp", '#include "coordinator/group.hpp"\n',
     '#include "record/batch.hpp"\n'),
    ("include", "storage/a.cpp", '#include "net/shard.hpp"\n', '#include "storage/file.hpp"\n'),
    ("include", "src/net/a.cpp", '#include "storage/file.hpp"\n',
     '#include "protocol/reader.hpp"\n'),
    ("include", "src/admin/a.cpp", '#include "broker/broker.hpp"\n',
     '#include "admin/source.hpp"\n'),
    ("include", "src/broker/a.cpp", '#include "client/producer.hpp"\n',
     '#include "security/acl.hpp"\n'),
    ("include", "src/broker/a.cpp", '#include "../net/shard.hpp"\n', '#include "net/shard.hpp"\n'),
    ("include", "src/broker/a.cpp", '#include "shard.hpp"\n', None),
    ("include", "src/client/a.cpp", '#include "storage/file.hpp"\n', None),
    ("include", "src/coordinator/a.cpp", "#include <boost/asio.hpp>\n", "#include <vector>\n"),
    ("include", "include/horolog/a.hpp", H + "#include <boost/url.hpp>\n", H),
    ("include", "tools/topic.cpp", '#include "storage/file.hpp"\n', None),
    ("include", "tools/topic.cpp", '#include "broker/broker.hpp"\n', '#include "client/a.hpp"\n'),
    ("co_await-lambda", "src/net/a.cpp",
     RUN % "co_spawn(ex, [x = std::move(x)]() -> awaitable<void> { co_return; }, use)",
     "Awaitable run() {\n  auto f = [x]() -> awaitable<void> { co_return; };\n"
     "  co_await co_spawn(ex, std::move(f), use);\n}\n"),
    ("co_await-lambda", "src/net/a.cpp", RUN % "run([&]() -> T { co_return 1; })",
     RUN % "run([&](int n) { return values[n] + x; })"),
    ("co_await-lambda", "src/net/a.cpp", RUN % "run(1,\n    [this] { co_await g(); })",
     RUN % "run([] -> awaitable<void> { co_return; })"),
    ("file-length", "src/base/a.cpp", "int x;\n" * 401, "int x;\n" * 300),
    ("file-length", "tools/a.sh", "true\n" * 401, None),
    ("long-file", "src/base/a.cpp", "int x;\n" * 301, None),
    ("columns", "src/base/a.cpp", LONG, "// " + "é" * 97 + "\n"),
    ("columns", "tools/a.py", "x = '" + "y" * 100 + "'\n", None),
    ("columns", "tests/CMakeLists.txt", "add_test(" + "y" * 100 + ")\n", None),
    ("leftover", "src/base/a.cpp", "// TO" + "DO: later\n", "// a todo list is a feature\n"),
    ("leftover", "tools/a.py", "# FIX" + "ME\n", None),
    ("leftover", "src/base/a.cpp", "// X" + "XX\n", "// /tmp/name.XXXXXX\n"),
    ("leftover", "src/base/a.cpp", "#if" + " 0\nint x;\n#endif\n", "#if HAS_URING\n#endif\n"),
    ("dead-code", "src/base/a.cpp", "// flush(log);\n", "// Flushes the log; see FORMAT.md.\n"),
    ("dead-code", "src/base/a.cpp", "// const int x = 3;\n", "// The result is const;\n"),
    ("dead-code", "src/base/a.cpp", "  // if (a < b) {\n", "// if it is there, it counts\n"),
    ("dead-code", "tools/a.py", "# print(x)\n", "# prints x\n"),
    ("pragma-once", "src/base/a.hpp", "int x;\n", H),
    ("threads", "storage/a.cpp", "std::thread t;\n", "std::mutex m; // std::thread is not ours\n"),
    ("clock", "src/coordinator/a.cpp", "auto t = std::chrono::steady_clock::now();\n",
     "auto t = clock.mono_ns();\n"),
    ("top-level", "docs/a.txt", "x\n", None),
    ("top-level", "src/misc/a.cpp", "int x;\n", None),
    ("host", "tools/a.sh", "curl https://registry.npmjs" + ".org/x\n", "npm install x\n"),
    ("host", "tests/a.py", 'x = "/wo' + 'rk/main"\n', 'x = root + "/workshop"\n'),
    ("long-function", "src/base/a.cpp", "namespace a {\n" + BODY + "}\n", "int f() {\n}\n"),
    ("long-function", "src/base/a.cpp", "class C {\n " + BODY + "};\n",
     "namespace a {\n" + "int x;\n" * 80 + "}\n"),
]


def rules_found(path, content):
    with tempfile.TemporaryDirectory(prefix="tidy.") as root:
        place = os.path.join(root, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "w", encoding="utf-8") as file:
            file.write(content)
        return set(tidy.check_tree(root).counts)


def run():
    failures = 0
    for number, (rule, path, bad, good) in enumerate(CASES, 1):
        if rule not in rules_found(path, bad):
            print(f"self-test {number}: [{rule}] did not fire on {path}:\n{bad[:200]}")
            failures += 1
        found = rules_found(path, good) if good is not None else set()
        if found:
            print(f"self-test {number}: {sorted(found)} fired on good {path}:\n{good[:200]}")
            failures += 1
    print(f"tidy self-test: {len(CASES)} cases, {failures} failures")
    return 1 if failures else 0
