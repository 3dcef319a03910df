"""What the crash suites share: the load program, topics, and reading a topic back."""
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

from harness import clients, driver, paths  # noqa: E402
from harness.results import CaseError  # noqa: E402


def load_command():
    sources = sorted((HERE / "load").glob("*.[ch]pp"))

    def make(folder):
        clients.quiet([clients.need("g++"), "-std=c++20", "-O1", f"-I{paths.SOURCE}", "-o",
                       str(folder / "crash_load"),
                       *(str(s) for s in sources if s.suffix == ".cpp"), "-lrdkafka++",
                       "-lrdkafka", "-pthread"])

    key = "".join(s.read_text() for s in sources)
    return clients.kept("crash-load", key, make) / "crash_load"


def create_topic(broker, topic, partitions, segment=1 << 20):
    driver.run(clients.confluent().command, "fill", bootstrap=broker.bootstrap, topic=topic,
               partitions=partitions, count=0, base=0, create=1, segment=segment)


def fill(broker, topic, partitions, count, base=0, **options):
    driver.run(clients.confluent().command, "fill", bootstrap=broker.bootstrap, topic=topic,
               partitions=partitions, count=count, base=base, **options)


def values(broker, topic, partition=0, timeout=90):
    """(offset, value) of every record of a partition, in order."""
    lines = driver.run(clients.confluent().command, "values", bootstrap=broker.bootstrap,
                       topic=topic, partition=partition, timeout=timeout)
    return [pair for x in lines for pair in zip(x["offsets"], x["values"])]


def kcat(broker, *words, data=None, timeout=60):
    """kcat's exit code and everything it said."""
    done = subprocess.run(["kcat", "-b", broker.bootstrap, *words], input=data, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout,
                          stdin=None if data is not None else subprocess.DEVNULL, check=False)
    return done.returncode, done.stdout


def check_data(broker, code=0, *words):
    """horologd check on a directory in which no broker runs."""
    done = subprocess.run([str(broker.binary), "check", str(broker.data)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
    if done.returncode != code or any(w not in done.stdout for w in words):
        raise CaseError(f"check: exit code {done.returncode}, wanted {code} and {words}:\n"
                        f"{done.stdout[-2000:]}")


def count(results, report):
    """What a report of the load program adds to the figures of the run."""
    results.count(**{name: report[name] for name in
                     ("acked", "lost", "duplicates", "commits", "commits_back", "violations")})


def resident(pid):
    """Bytes of memory that a process has made its own (not of files that it has mapped)."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) * 1024


class Load:
    """The load program while it runs (load/main.cpp)."""

    def __init__(self, broker, topic, partitions=16, **options):
        self.driver = driver.Driver([load_command()], f"bootstrap={broker.bootstrap}", topic=topic,
                                    partitions=partitions, **options)

    def acked(self):
        self.driver.pump()
        counts = [x["acked"] for x in self.driver.lines if "acked" in x]
        return counts[-1] if counts else 0

    def wait_progress(self, step, timeout=120):
        before = self.acked()
        self.driver.wait_for(lambda _: self.acked() >= before + step, timeout,
                             lambda: f"{step} more acknowledgements after {before} "
                                     f"(now {self.acked()})")

    def rate(self, seconds):
        """Acknowledgements per second over that time."""
        before, began = self.acked(), time.monotonic()
        time.sleep(seconds)  # the length of the measurement, nothing waits for it
        return (self.acked() - before) / (time.monotonic() - began)

    def finish(self, timeout=600):
        """The report; a violation is an error that holds it."""
        self.driver.close_input()
        try:
            lines = self.driver.finish(timeout)
        except CaseError as e:
            report = [x["report"] for x in self.driver.lines if "report" in x]
            raise CaseError(f"{report or 'no report'}\n{e}") from e
        return lines[-1]["report"]

    def kill(self):
        if self.driver.process.poll() is None:
            self.driver.kill()
