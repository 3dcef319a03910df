"""The clients under test: how each is fetched or built, and what it can and cannot say."""
import dataclasses
import fcntl
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess

from . import paths

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
PYTHON_PACKAGES = ("kafka-python==3.0.12", "confluent-kafka==2.16.1", "lz4==4.4.5",
                   "zstandard==0.25.0", "python-snappy==0.7.3")
OLD_PYTHON_PACKAGES = ("kafka-python==2.0.2", "six==1.16.0")


@dataclasses.dataclass
class Client:
    """A client library; `lacks` names the records and verbs that its interface cannot express."""

    name: str
    language: str
    version: str
    command: list
    codecs: tuple = CODECS
    lacks: frozenset = frozenset()
    note: str = ""


class Missing(Exception):
    """A tool that the tests need is not there: a failure, never a skip."""


def need(tool):
    found = shutil.which(tool)
    if not found:
        raise Missing(f"{tool} is missing: tools/setup.sh --tests installs it")
    return found


def quiet(words, **options):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode != 0:
        raise Missing(f"{' '.join(map(str, words))} failed:\n{done.stdout[-2000:]}")
    return done.stdout


def kept(name, key, make):
    """A cached folder: made once for a key (pinned versions, sources), then found again. Two runs
    at once do not make it together."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    folder = paths.cache_dir(name) / digest
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            (folder / ".complete").touch()
    return folder


@functools.cache
def python_env(packages=PYTHON_PACKAGES):
    def make(folder):
        quiet([need("python3"), "-m", "venv", str(folder)])
        quiet([str(folder / "bin/pip"), "install", "-q", "--no-input", *packages])

    return kept("python", " ".join(packages), make) / "bin/python"


def kcat():
    text = quiet([need("kcat"), "-V"])
    version = re.search(r"Version ([\d.]+).*librdkafka ([\d.]+)", text, re.S)
    return Client("kcat", "C", f"{version[1]} (librdkafka {version[2]})",
                  ["python3", paths.DRIVERS / "kcat_driver.py"],
                  lacks=frozenset({"timestamp", "empty", "null-header", "odd-header",
                                   "repeated-header", "offsets", "stream"}))


def librdkafka():
    sources = [paths.DRIVERS / "librdkafka_driver.cpp", paths.DRIVERS / "driver_json.hpp"]
    version = quiet(["pkg-config", "--modversion", "rdkafka"]).strip()

    def make(folder):
        quiet([need("g++"), "-std=c++20", "-O1", f"-I{paths.SOURCE}", "-o",
               str(folder / "driver"), str(sources[0]), "-lrdkafka++", "-lrdkafka"])

    key = version + "".join(s.read_text() for s in sources)
    return Client("librdkafka", "C++", version, [kept("librdkafka", key, make) / "driver"])


@functools.cache
def confluent():
    python = python_env()
    text = quiet([str(python), "-c", "import confluent_kafka as c; print(c.version()[0] if "
                  "isinstance(c.version(), tuple) else c.version(), c.libversion()[0])"])
    mine, bundled = text.split()
    return Client("confluent-kafka", "Python", f"{mine} (librdkafka {bundled})",
                  [python, paths.DRIVERS / "confluent_driver.py"])


def kafka_python():
    return Client("kafka-python", "Python", "3.0.12",
                  [python_env(), paths.DRIVERS / "kafka_python_driver.py"],
                  lacks=frozenset({"both-null", "null-header"}))


def kafka_python_old():
    return Client("kafka-python (old)", "Python", "2.0.2",
                  [python_env(OLD_PYTHON_PACKAGES), paths.DRIVERS / "kafka_python_driver.py"],
                  codecs=("none", "gzip"),
                  lacks=frozenset({"stream", "both-null", "null-header"}))


DEBIAN_GO = "/usr/lib/go-1.19/bin/go"


def go_version(go):
    text = quiet([need(go), "env", "GOVERSION"], env={**os.environ, "GOTOOLCHAIN": "local"})
    return tuple(int(n) for n in re.findall(r"\d+", text)[:2])


def _franz(go, name, folder_name, version, note):
    """Built by `go`, and by no newer one that it might fetch."""
    source = paths.DRIVERS / folder_name
    code = "".join(f.read_text() for f in sorted((paths.DRIVERS / "franz").glob("*.go")))
    key = code + "".join((source / f).read_text() for f in ("go.mod", "go.sum"))

    def make(folder):
        for f in ("go.mod", "go.sum"):
            shutil.copy(source / f, folder)
        for f in (paths.DRIVERS / "franz").glob("*.go"):
            shutil.copy(f, folder)
        quiet([go, "build", "-o", "driver", "."], cwd=folder,
              env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"})

    driver = kept("franz-go", key + str(go_version(go)), make) / "driver"
    return Client(name, "Go", version, [driver], note=note)


def franz_go_old():
    """The newest version that Debian's own Go builds, built by it."""
    major, minor = go_version(DEBIAN_GO)
    return _franz(DEBIAN_GO, "franz-go (Debian's Go)", "franz_old", "1.16.1",
                  f"newest for Debian 12's Go {major}.{minor}, built with it")


def franz_go_new():
    """The newest version of all; None where no newer Go is on the PATH."""
    major, minor = go_version("go") if shutil.which("go") else (0, 0)
    if (major, minor) < (1, 26):
        return None
    return _franz("go", "franz-go", "franz_new", "1.22.2", f"newest; built with Go "
                  f"{major}.{minor}")


def go_program(name, source):
    """A folder's Go program, built by Debian's Go."""
    files = sorted([*source.glob("*.go"), source / "go.mod", source / "go.sum"])

    def make(folder):
        for f in files:
            shutil.copy(f, folder)
        quiet([need(DEBIAN_GO), "build", "-o", "program", "."], cwd=folder,
              env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"})

    key = "".join(f.read_text() for f in files)
    return kept(name, key + str(go_version(DEBIAN_GO)), make) / "program"


def franz_admin():
    """The driver over kadm, franz-go's administration client."""
    return go_program("franz-admin", paths.DRIVERS / "franz_admin")


def kafkajs():
    source = paths.DRIVERS / "js"

    def make(folder):
        for f in ("package.json", "package-lock.json"):
            shutil.copy(source / f, folder)
        quiet([need("npm"), "ci", "--no-audit", "--no-fund"], cwd=folder)

    key = "".join((source / f).read_text() for f in ("package.json", "package-lock.json"))
    modules = kept("kafkajs", key, make)
    return Client("KafkaJS", "JavaScript", "2.2.4",
                  ["env", f"NODE_PATH={modules / 'node_modules'}", need("node"),
                   source / "driver.js"],
                  lacks=frozenset({"null-header", "repeated-header"}))


def java_classpath():
    """Apache Kafka's published jars, fetched by the script that also starts Kafka as a peer."""
    from . import broker
    need("mvn")
    return quiet(["bash", str(broker.kafka_script()), "classpath"]).split("\n")[-2].strip()


@functools.cache
def java_classes():
    """The class path of our Java drivers and oracles with Kafka's jars behind it."""
    classpath = java_classpath()
    # Kafka Streams and Quartz have class paths of their own.
    sources = sorted(s for s in paths.INTEROP.glob("**/*.java")
                     if s.parent.name not in ("streams", "cron_quartz"))
    key = classpath + "".join(s.read_text() for s in sources)

    def make(folder):
        quiet([need("javac"), "-nowarn", "-d", str(folder), "-cp", classpath, *map(str, sources)])

    return f"{kept('java', key, make)}:{classpath}"


def java_command(main, *jvm):
    return [need("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-Xshare:auto",
            *jvm, "-cp", java_classes(), main]


def fetch_jars(folder):
    """What folder/pom.xml depends on, into folder/jars. One Maven at a time fills its repository,
    those of bench/peers/kafka.sh included."""
    repository = pathlib.Path.home() / ".m2"
    repository.mkdir(exist_ok=True)
    with open(repository / "horolog.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        quiet([need("mvn"), "--batch-mode", "--quiet", "dependency:copy-dependencies",
               "-DoutputDirectory=jars"], cwd=folder)


def streams_command():
    """The Kafka Streams application, with the published artifacts that it needs."""
    source = paths.DRIVERS / "streams"
    files = [source / "pom.xml", source / "WordCount.java"]

    def make(folder):
        shutil.copy(files[0], folder)
        fetch_jars(folder)
        quiet([need("javac"), "-nowarn", "-d", str(folder), "-cp", f"{folder}/jars/*",
               str(files[1])])

    made = kept("streams", "".join(f.read_text() for f in files), make)
    return [need("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp",
            f"{made}:{made}/jars/*", "WordCount"]


def java():
    return Client("Java client", "Java", "4.3.1", java_command("Driver"))


ALL = {"kcat": kcat, "librdkafka": librdkafka, "confluent-kafka": confluent,
       "kafka-python": kafka_python, "kafka-python-old": kafka_python_old,
       "franz-go-old": franz_go_old, "franz-go": franz_go_new, "kafkajs": kafkajs, "java": java}
