"""Lost answers: idempotent producers of several libraries behind a proxy that drops each answer to
a Produce request with probability 0.3. Every record must be in the log exactly once, in order.
"""
import random

import proxy
import rig
from cases import inflight
from harness import clients as known
from harness import driver, paths
from harness.results import check

SUITE = "idempotence"
CLIENTS = ("librdkafka", "java", "franz-go-old")


def streams(front, made, records):
    """One producer of each library; in a long run its batches are larger, not its patience."""
    return {c.name: driver.Driver(c.command, "stream", window=5, topic=topic(c),
                                  batch=40 if records < 50000 else 250,
                                  bootstrap=f"127.0.0.1:{front.port}") for c in made}


def topic(client):
    return "lost-" + "".join(c if c.isalnum() else "-" for c in client.name)


def drive(results, front, running, records):
    """Until each producer has that many acknowledgements, then to its own end."""
    for name, d in running.items():
        d.wait_for(lambda _, d=d: inflight.acked(d) >= records, 120 + records // 50,
                   lambda d=d, n=name: f"{n}: {records} acknowledged, now {inflight.acked(d)}")
    for d in running.values():
        d.close_input()
    for d in running.values():
        results.count(lost_answer_records=d.finish(300)[-1]["done"])
    check(front.dropped > records // 1000, f"only {front.dropped} answers were lost")
    check(front.late_requests > 0, "no request came late: the proxy does not do its work")
    results.count(lost_answers=front.dropped, late_requests=front.late_requests)
    print(f"    {front.answers} answers, {front.dropped} lost, {front.late_requests} requests "
          f"delivered after their connection was gone", flush=True)


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"idempotence: seed {seed}", flush=True)
    broker = make_broker(work / "broker")
    broker.port = paths.free_port()
    with proxy.Proxy(broker.port, seed) as front:
        broker.settings.append(f"advertised.listeners=PLAINTEXT://127.0.0.1:{front.port}")
        with broker:
            made = [known.ALL[name]() for name in CLIENTS]
            for client in made:
                rig.create_topic(broker, topic(client), 1, segment=1 << 20)
            running = streams(front, made, asked.answers)
            try:
                if results.run(SUITE, broker.name, f"{asked.answers} records each (seed {seed})",
                               drive, results, front, running, asked.answers):
                    front.drop = 0.0
                    for client in made:
                        results.run(SUITE, client.name, "exactly once, in order", inflight.verify,
                                    broker, topic(client), running[client.name])
            finally:
                for d in running.values():
                    if d.process.poll() is None:
                        d.kill()
