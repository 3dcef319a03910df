"""Suite `library`: libhorolog as others use it: installed, found by CMake and pkg-config, and its
examples built against the installed tree and run."""
import os
import subprocess

from harness import paths
from harness.broker import Kafka
from harness.results import CaseError, check

SUITE = "library"
EXAMPLES = paths.SOURCE / "src" / "client" / "examples"


def command(*words, env=None):
    """The output of a command that must succeed."""
    done = subprocess.run([str(w) for w in words], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=600, check=False, env=env)
    if done.returncode != 0:
        raise CaseError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n"
                        f"{done.stdout}{done.stderr}")
    return done.stdout


def install(folder):
    """A tree as `cmake --install` makes it, from the build that the broker comes from."""
    build = paths.default_binary().resolve().parents[1]
    prefix = folder / "installed"
    command("cmake", "--install", build, "--prefix", prefix, "--component", "client")
    for name in ("include/horolog/admin.hpp", "include/horolog/error.hpp"):
        check((prefix / name).is_file(), f"{name} is not installed")
    return prefix


def build_examples(prefix, folder):
    build = folder / "examples"
    command("cmake", "-G", "Ninja", "-S", EXAMPLES, "-B", build,
            f"-DCMAKE_PREFIX_PATH={prefix}")
    command("cmake", "--build", build, "--target", "all", "admin_tour_static")
    return build


def by_pkg_config(prefix, folder):
    found = next(prefix.rglob("horolog.pc"))
    env = dict(os.environ, PKG_CONFIG_PATH=str(found.parent))
    # The file names the prefix of the build; a package is moved there by its packager.
    flags = command("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs",
                    "horolog", env=env).split()
    program = folder / "by_pkg_config"
    command("c++", "-std=c++20", EXAMPLES / "admin_tour.cpp", "-o", program, *flags,
            f"-Wl,-rpath,{found.parent.parent}")


def admin_tour(program, broker):
    out = command(program, broker.bootstrap)
    for words in ("1 broker(s)", "created admin-tour with 2 partitions", "TOPIC_ALREADY_EXISTS",
                  "has 3 partitions now", "retention.ms = 86400000", "from 0 to 0",
                  "is at 0 of admin-tour-0 (by admin_tour)", "admin-tour-group is Empty",
                  "deleted admin-tour"):
        check(words in out, f"{words!r} is missing in:\n{out}")


def asio_topics(program, broker):
    admin = next(iter(program.parent.glob("admin_tour")))
    command(admin, broker.bootstrap)  # makes the topic of the groups' offsets, among others
    out = command(program, broker.bootstrap).split("\n")
    check("__consumer_offsets 4" in out, f"no __consumer_offsets in {out}")


def first_steps(program, broker):
    out = command(program, broker.bootstrap)
    check("hello from C++" in out.split("\n"), f"no greeting in {out}")


def on_kafka(program, folder):
    with Kafka(folder / "kafka") as kafka:
        admin_tour(program, kafka)


def run(collected, broker, folder, _clients):
    prefix = collected.run(SUITE, "install", "headers and libraries", lambda: install(folder))
    if prefix is None:
        return
    build = collected.run(SUITE, "find_package", "examples built",
                          lambda: build_examples(prefix, folder))
    collected.run(SUITE, "pkg-config", "example built", lambda: by_pkg_config(prefix, folder))
    if build is None:
        return
    collected.run(SUITE, "asio_topics", "on the caller's io_context",
                  lambda: asio_topics(build / "asio_topics", broker))
    collected.run(SUITE, "first_steps", "README's C++: a record there and back",
                  lambda: first_steps(build / "first_steps", broker))
    if broker.name != "kafka":
        collected.run(SUITE, "admin_tour", "the same on Apache Kafka",
                      lambda: on_kafka(build / "admin_tour", folder))
    for name in ("admin_tour", "admin_tour_static"):
        collected.run(SUITE, name, "topics, settings, offsets, groups",
                      lambda name=name: admin_tour(build / name, broker))
