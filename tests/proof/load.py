"""A load of schedules for the checker: many that fire every second, and commands about them.

  load.py drive bootstrap= targets=a,b steady=1000 rate=40 seed=N

Says {"steady": n} when the steady ones are there, then goes on with `rate` random commands a second
(one-shots, replacements, cancels, pauses, manual fires) until stdin closes, and says {"sent": n}
once all are acknowledged. Half of them go where Java would send them, half where librdkafka does,
so that they have to be forwarded.
"""
import pathlib
import random
import sys
import time

import confluent_kafka as ck

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop" / "drivers"))
import common  # noqa: E402

COMMANDS = "horolog.schedules"
ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "UTC")


class Load:
    """Random commands; a seed says which."""

    def __init__(self, o):
        self.dice = random.Random(int(o["seed"]))
        self.targets = o["targets"].split(",")
        self.producers = [ck.Producer({
            "bootstrap.servers": o["bootstrap"], "enable.idempotence": True, "linger.ms": 5,
            "partitioner": partitioner, "message.timeout.ms": 300000,
            "reconnect.backoff.max.ms": 250}) for partitioner in ("murmur2", "consistent")]
        self.sent = 0
        self.shots = 0
        self.errors = []

    def send(self, key, value, **headers):
        self.sent += 1
        text = [(f"horolog-{name.replace('_', '-')}", str(v).encode())
                for name, v in headers.items()]
        self.dice.choice(self.producers).produce(
            COMMANDS, key=key, value=value, headers=text,
            on_delivery=lambda error, _: self.errors.append(error) if error else None)

    def create(self, key, **rule):
        self.send(key, f"{key} {self.sent}", topic=self.dice.choice(self.targets), **rule)

    def steady(self, n):
        """A rule that fires about every second."""
        kind = n % 10
        if kind == 0:
            zone = self.dice.choice(ZONES)
            self.create(f"steady-{n}", cron="* * * * * *", timezone=zone, catch_up="all")
        elif kind == 1:
            self.create(f"steady-{n}", every="1s", phase=f"{self.dice.randrange(1000)}ms",
                        catch_up="all")
        elif kind == 2:
            self.create(f"steady-{n}", every="1s", jitter="300ms", catch_up="all")
        elif kind == 3:
            self.create(f"steady-{n}", every="1s")  # catch-up: the latest, with the others named
        else:
            self.create(f"steady-{n}", every="1s", catch_up="all")

    def random(self, steady):
        some = self.dice.randrange(steady)
        shot = f"shot-{self.dice.randrange(self.shots + 1)}"
        kind = self.dice.randrange(12)
        if kind < 4:
            self.shots += 1
            self.create(f"shot-{self.shots}", delay=f"{self.dice.randrange(200, 6000)}ms")
        elif kind == 4:
            self.shots += 1
            self.create(f"shot-{self.shots}", every="1s", limit=3, catch_up="all")
        elif kind < 8:
            self.steady(some)
        elif kind == 8:
            self.send(shot, None)
        elif kind == 9:
            self.send(f"steady-{some}", None)
            self.steady(some)
        elif kind == 10:
            self.send(f"steady-{some}", b"", action=self.dice.choice(("pause", "resume")))
        else:
            self.send(f"steady-{some}", b"", action="trigger")

    def flush(self):
        for producer in self.producers:
            if producer.flush(120):
                raise SystemExit("commands are not acknowledged")
        if self.errors:
            raise SystemExit(f"not delivered: {self.errors[:3]}")


def drive(o):
    load, steady, rate = Load(o), int(o["steady"]), float(o["rate"])
    closed = common.input_closed()
    for n in range(steady):
        load.steady(n)
    load.flush()
    common.emit(steady=steady)
    while not closed.wait(1 / rate):
        load.random(steady)
        for producer in load.producers:
            producer.poll(0)
    for n in range(steady):  # whatever is paused goes on, so that it can be judged
        load.send(f"steady-{n}", b"", action="resume")
    load.flush()
    common.emit(sent=load.sent, at=int(time.time() * 1000))


if __name__ == "__main__":
    verb, options = common.arguments()
    {"drive": drive}[verb](options)
