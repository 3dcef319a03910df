"""Runs client drivers. A driver is a small program in the client's own language:

  roundtrip bootstrap= prefix= codecs=a,b records=FILE   creates <prefix>-<codec> (3 partitions),
            produces the file's records into it and reads them back: {"codec": …, "p": …, "o": …,
            "t": …, "k": base64 or null, "v": …, "h": [[key, base64 or null], …]} a record,
            {"created": topic} and {"read": codec} between them
  member    bootstrap= topic= group= [assignor=range]    joins, prints {"assigned": [partitions]},
            {"p":…, "o":…, "v": text} a record, {"committed": {partition: offset}}; SIGTERM leaves
  committed bootstrap= topic= group=                     {"committed": {"0": 12, …}}
  stream    bootstrap= topic= window=5 [batch=40]        an idempotent producer with five batches in
            flight, values 0, 1, 2 … to partition 0 until its input closes; {"acked": n} as it goes,
            {"done": n} when all n are acknowledged
  transact  bootstrap= topic= id= count=                 so many transactions, each with the value n
            in partitions 0, 1 and 2; every third is aborted; {"ended": count}
  isolated  bootstrap= topic= level=read_committed       {"values": […]} of the topic's partitions 0
            to 2, up to where a consumer of that isolation level comes
  copy      bootstrap= source= topic= id= group= count=  copies the source exactly once, records
            and offsets in one transaction, until it has copied count; {"copied": n}
  fence     bootstrap= topic= id=                        a second producer takes the id of one with
            an open transaction, and commits; {"fenced": why the first one cannot commit}
  send      bootstrap= topic= records=FILE               the file's records (without p and t), each
            to the partition of the client's own choice; {"sent": count} once acknowledged

Records files and output are JSON, one value a line.
"""
import json
import queue
import signal
import subprocess
import threading
import time

from .results import PATIENCE, CaseError


class Driver:
    """One running driver process and the lines it has printed."""

    def __init__(self, command, verb, **options):
        self.words = [*map(str, command), verb, *(f"{k}={v}" for k, v in options.items())]
        self.process = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.lines = []
        self.errors = []
        self._new = queue.Queue()
        self._threads = [threading.Thread(target=self._read_out, daemon=True),
                         threading.Thread(target=self._read_errors, daemon=True)]
        for t in self._threads:
            t.start()

    def _read_out(self):
        for raw in self.process.stdout:
            try:
                value = json.loads(raw)
            except ValueError:
                self.errors.append("stdout: " + raw.decode(errors="replace").rstrip())
                continue
            self._new.put(value)
        self._new.put(None)

    def _read_errors(self):
        for raw in self.process.stderr:
            self.errors.append(raw.decode(errors="replace").rstrip())

    def _describe(self):
        return "\n".join([" ".join(self.words), *self.errors[-15:]])

    def pump(self):
        """Takes over what has been printed so far; False once the output has ended."""
        while True:
            try:
                value = self._new.get_nowait()
            except queue.Empty:
                return True
            if value is None:
                self._new.put(None)
                return False
            self.lines.append(value)

    def wait_for(self, predicate, timeout, what):
        """Returns the predicate's first true value over all lines, asked anew as lines come."""
        timeout *= PATIENCE
        end = time.monotonic() + timeout
        while True:
            open_ = self.pump()
            value = predicate(self.lines)
            if value:
                return value
            if not open_:
                raise CaseError(f"{_say(what)}: the driver ended without it\n{self._describe()}")
            left = end - time.monotonic()
            if left <= 0:
                raise CaseError(f"{_say(what)}: not within {timeout} s\n{self._describe()}")
            try:
                value = self._new.get(timeout=min(left, 0.5))
            except queue.Empty:
                continue
            if value is None:
                self._new.put(None)
            else:
                self.lines.append(value)

    def close_input(self):
        self.process.stdin.close()

    def finish(self, timeout=120):
        """Waits for the driver's own end; anything but exit code 0 is an error."""
        timeout *= PATIENCE
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired as e:
            self.kill()
            raise CaseError(f"driver not ended after {timeout} s\n{self._describe()}") from e
        for t in self._threads:
            t.join(10)
        self.pump()
        if code != 0:
            raise CaseError(f"driver ended with exit code {code}\n{self._describe()}")
        return self.lines

    def leave(self, timeout=60):
        self.process.send_signal(signal.SIGTERM)
        return self.finish(timeout)

    def kill(self):
        self.process.kill()
        self.process.wait()
        for t in self._threads:
            t.join(10)
        self.pump()


def run(command, verb, timeout=180, **options):
    driver = Driver(command, verb, **options)
    driver.close_input()
    return driver.finish(timeout)


def _say(what):
    """A description that may depend on how things stand at the time of failure."""
    return what() if callable(what) else what
