"""A broker under test: Horolog, or Apache Kafka as the reference that shows a test to be right."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from . import paths

READY = re.compile(r"\[?([0-9A-Fa-f.:]+?)\]?:(\d+)\b")


class BrokerError(Exception):
    """The broker did not start, stop or answer as it must; the text holds its own last words."""


class Broker:
    """One data directory and one port; the process may come and go."""

    name = "?"

    def __init__(self, directory, settings=()):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = self.directory / "data"
        self.settings = list(settings)
        self.port = None
        self.pid = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """kill -9, and wait until the process is gone."""
        self.signal(signal.SIGKILL)
        self._wait_gone(30)

    def connectable(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        if self.pid is not None:
            try:
                self.kill()
            except ProcessLookupError:
                pass


class Horologd(Broker):
    """The broker of this project."""

    name = "horologd"

    def __init__(self, directory, settings=(), binary=None, prefix=()):
        super().__init__(directory, settings)
        self.binary = pathlib.Path(binary or paths.default_binary())
        self.prefix = list(prefix)
        self.log_path = self.directory / "horologd.log"
        self.process = None
        self.exit_code = None
        self.start_seconds = 0.0
        self.ready_line = ""

    def command(self):
        port = self.port or paths.free_port()
        # Topics, groups and connections of the scheduler's own would be counted by many cases; the
        # suites that want it switch it on.
        settings = ["admin.listener=", "scheduler.enabled=false", *self.settings]
        extra = [word for s in settings for word in ("--set", s)]
        return [*self.prefix, str(self.binary), "--data-dir", str(self.data),
                "--listen", f"127.0.0.1:{port}", *extra]

    def start(self, timeout=60):
        """Starts the process and returns when its ready line is there."""
        began = time.monotonic()
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=log,
                                        stdin=subprocess.DEVNULL, text=True)
        log.close()
        self.pid = self.process.pid
        line = self._read_line(timeout)
        found = READY.search(line)
        if not found:
            raise BrokerError(f"no ready line within {timeout} s but {line!r}\n{self.tail()}")
        self.ready_line = line
        self.port = int(found.group(2))
        self.start_seconds = time.monotonic() - began

    def _read_line(self, timeout):
        lines = []
        reader = threading.Thread(target=lambda: lines.append(self.process.stdout.readline()),
                                  daemon=True)
        reader.start()
        reader.join(timeout)
        if not lines or not lines[0]:
            code = self.process.poll()
            if code is None and lines:
                code = self.process.wait(10)
            raise BrokerError(f"horologd is not ready (exit code {code})\n{self.tail()}")
        return lines[0]

    def stop(self, timeout=60):
        """SIGTERM; returns the exit code, which is 0 for a clean stop."""
        self.signal(signal.SIGTERM)
        return self._wait_gone(timeout)

    def _wait_gone(self, timeout):
        try:
            self.exit_code = self.process.wait(timeout)
        except subprocess.TimeoutExpired as e:
            raise BrokerError(f"horologd still runs {timeout} s after the signal") from e
        finally:
            if self.process.returncode is not None:
                self.process.stdout.close()
                self.pid = None
        return self.exit_code

    def wait(self, timeout=30):
        """The exit code of a process that ends by itself."""
        return self._wait_gone(timeout)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def tail(self, lines=25):
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


# The newest Apache Kafka whose single node can be killed under transactions. In 4.3 and 4.4 a
# coordinator that starts takes every partition without a leader (its own node's, as long as that is
# fenced) for deleted, writes no markers there and calls the transaction complete: in its partitions
# it stays open for ever (KAFKA-20734).
KAFKA_TO_KILL = "4.2.2"


class Kafka(Broker):
    """Apache Kafka, one KRaft node, started by the project's own peer script."""

    name = "kafka"

    def __init__(self, directory, settings=(), version=None):
        super().__init__(directory, settings)
        self.version = version  # None: that of the peer script
        # Kafka's defaults for one busy node are slow to start with; these change no answer.
        self.settings = ["offsets.topic.num.partitions=4", *self.settings]
        self.script = kafka_script()

    def start(self, timeout=240):
        self.port = self.port or paths.free_port(2)
        env = dict(os.environ)
        env.setdefault("KAFKA_HEAP", "-Xms512m -Xmx512m")
        if self.version:
            env["KAFKA_VERSION"] = self.version
        try:
            made = subprocess.run(["bash", str(self.script), "start", str(self.directory),
                                   str(self.port), *self.settings], env=env, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                                  stdin=subprocess.DEVNULL, check=False)
        except BaseException:  # the node may be there already, and nobody would end it
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((self.directory / "pid").read_text()), signal.SIGKILL)
            raise
        if made.returncode != 0:
            raise BrokerError(f"kafka did not start:\n{made.stderr}")
        self.pid = int((self.directory / "pid").read_text())

    def stop(self, timeout=60):
        self.signal(signal.SIGTERM)
        self._wait_gone(timeout)
        return 0

    def alive(self):
        return self.pid is not None and _state(self.pid) not in ("", "Z")

    def _wait_gone(self, timeout):
        end = time.monotonic() + timeout
        while _state(self.pid) not in ("", "Z"):
            if time.monotonic() > end:
                raise BrokerError(f"kafka still runs {timeout} s after the signal")
            time.sleep(0.02)
        (self.directory / "pid").unlink(missing_ok=True)
        self.pid = None

    def tail(self, lines=25):
        text = (self.directory / "out.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])


def _state(pid):
    """The state letter of a process that is not our child ('Z' = ended but not reaped).

    A killed process shows its first thread as ended while others still hold its sockets and files.
    """
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
        threads = len(list(pathlib.Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return ""
    return "D" if threads > 1 else text.rsplit(")", 1)[1].split()[0]


def kafka_script():
    script = pathlib.Path(os.environ.get("KAFKA_SH", paths.SOURCE / "bench/peers/kafka.sh"))
    if not script.exists():
        raise BrokerError(f"{script} is missing: it starts Apache Kafka (KAFKA_SH names another)")
    return script


def make_broker(target, directory, settings=(), binary=None, version=None):
    """`version`: of Apache Kafka."""
    if target == "kafka":
        return Kafka(directory, settings, version)
    return Horologd(directory, settings, binary)
