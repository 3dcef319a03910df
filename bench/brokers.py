"""Brokers that the comparison starts, measures and stops, each by the pid it started."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    """A loopback port whose neighbour is free too (Apache Kafka's controller takes it)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def rss_bytes(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no VmRSS")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Horolog:
    """horologd on a fresh data directory, unless keep says that the directory is to be reused."""

    name = "Horolog"

    def __init__(self, binary, folder, keep=False, settings=()):
        self.binary = binary
        self.folder = pathlib.Path(folder)
        self.settings = list(settings)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.admin = f"127.0.0.1:{self.port + 1}"
        self.ready_seconds = self._start()

    @property
    def data(self):
        return self.folder / "data"

    def _start(self):
        command = [str(self.binary), "--data-dir", str(self.data), "--listen", self.address,
                   "--set", f"admin.listener={self.admin}"]
        for setting in self.settings:
            command += ["--set", setting]
        self.log = open(self.folder / "stderr.log", "ab")
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log)
        line = self.process.stdout.readline()
        took = time.monotonic() - began
        if b"ready" not in line:
            self.process.wait(10)
            raise RuntimeError(f"horologd did not start; see {self.folder}/stderr.log")
        return took

    @property
    def pid(self):
        return self.process.pid

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=10) as page:
            for line in page.read().decode().splitlines():
                if line.split("{")[0].split(" ")[0] == name:
                    return float(line.rsplit(" ", 1)[1])
        raise RuntimeError(f"no metric {name}")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._release()

    def kill(self):
        self.process.kill()
        self.process.wait(60)
        self._release()

    def _release(self):
        self.process.stdout.close()
        self.log.close()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.stop()
        self.remove()


class Kafka:
    """Apache Kafka as published, with its own defaults: no sync before an acknowledgement."""

    name = "Apache Kafka"
    admin = None

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        subprocess.run([HERE / "peers" / "kafka.sh", "start", self.folder, str(self.port)],
                       check=True, stdout=subprocess.DEVNULL)
        self.pid = int((self.folder / "pid").read_text())

    def stop(self):
        subprocess.run([HERE / "peers" / "kafka.sh", "stop", self.folder], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """Debian's redis-server with an append-only file, as a rule synced before every answer."""

    name = "Redis"
    admin = None

    def __init__(self, folder, synced="always", keep=False):
        self.folder = pathlib.Path(folder)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir",
             str(self.folder), "--save", "", "--appendonly", "yes", "--appendfsync", synced],
            stdout=subprocess.DEVNULL)
        self.pid = self.process.pid
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not listen")

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
