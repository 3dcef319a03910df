"""Suite `streams`: Kafka Streams, exactly once: a word count with a changelog store, whose process
is killed and whose state is lost, on a broker that is killed too. Every count must be exact."""
import time

from harness import clients as known
from harness import driver
from harness.kafka_tools import KafkaTools
from harness.results import check

SUITE = "streams"
WORDS = ("tick", "tock", "gear", "spring", "hand")
PARTITIONS = 2


def lines(start, count):
    """Numbered lines of three words each."""
    return [" ".join(WORDS[(n * k) % len(WORDS)] for k in (1, 2, 3))
            for n in range(start, start + count)]


def expected(count):
    out = dict.fromkeys(WORDS, 0)
    for line in lines(0, count):
        for word in line.split():
            out[word] += 1
    return out


class Application:
    def __init__(self, broker, state):
        self.broker = broker
        self.state = state
        self.running = None

    def start(self):
        self.running = driver.Driver(
            known.streams_command(), "run", bootstrap=self.broker.bootstrap, app="word-count",
            **{"from": "lines"}, to="counts", state=self.state)
        self.running.wait_for(lambda seen: {"state": "RUNNING"} in seen, 120, "RUNNING")

    def kill(self):
        self.running.kill()

    def stop(self):
        self.running.close_input()
        self.running.finish(60)


def produce(tools, start, count):
    text = "".join(line + "\n" for line in lines(start, count))
    tools.good("console-producer", "--topic", "lines", data=text)


def counts(tools):
    """Every count that was ever written, word by word, as a read_committed consumer sees it."""
    out = tools.good("console-consumer", "--topic", "counts", "--from-beginning",
                     "--isolation-level", "read_committed", "--timeout-ms", 5000,
                     "--formatter-property", "print.key=true")
    found = {}
    for row in out.splitlines():
        word, _, count = row.partition("\t")
        if count.isdigit():
            found.setdefault(word, []).append(int(count))
    return found


def wait_for(tools, total):
    wanted = expected(total)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = counts(tools)
        if {word: seen[-1] for word, seen in found.items()} == wanted:
            break
    else:
        raise AssertionError(f"after 120 s: {found}, not {wanted}")
    for word, seen in found.items():
        check(seen == list(range(1, wanted[word] + 1)),
              f"{word!r} was counted {seen[:5]}…{seen[-5:]}, not 1 … {wanted[word]}")


def word_count(broker, work):
    app = Application(broker, work / "state")
    with KafkaTools(broker.bootstrap) as tools:
        for topic in ("lines", "counts"):
            tools.good("topics", "--create", "--topic", topic, "--partitions", PARTITIONS)
        app.start()
        produce(tools, 0, 100)
        wait_for(tools, 100)
        # The process dies in the middle of its work, and the state directory with it.
        produce(tools, 100, 100)
        app.kill()
        produce(tools, 200, 100)
        app.state = work / "state-after"
        app.start()
        wait_for(tools, 300)
        # The broker dies too.
        produce(tools, 300, 100)
        broker.kill()
        broker.start()
        produce(tools, 400, 100)
        wait_for(tools, 500)
        app.stop()


def run(results, broker, work, _chosen):
    results.run(SUITE, "Kafka Streams", "word count, exactly once, application and broker killed",
                word_count, broker, work)
