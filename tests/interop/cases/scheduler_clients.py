"""Suite `scheduler_clients`: schedules that several foreign clients create, replace and cancel.

Java and franz-go hash keys as the scheduler does, kcat does not: its cancels come by way of another
partition, and must still be in time.
"""
import base64
import json
import time

from cases import scheduler as plain
from harness import clients, driver
from harness.results import check

SUITE = "scheduler_clients"
TOPIC = "of-many-clients"
COMMANDS = "horolog.schedules"
KEYS = 1000
IN_TIME_MS = 2_000


def text(word):
    return base64.b64encode(str(word).encode()).decode()


def commands(path, due, value):
    """A file of records for the drivers' verb `send`."""
    with open(path, "w") as out:
        for key, at in due.items():
            headers = {"horolog-topic": TOPIC, "horolog-at": at, "horolog-key": key}
            out.write(json.dumps({"k": text(key), "v": text(value), "p": 0, "t": 0,
                                  "h": [[n, text(v)] for n, v in headers.items()]}) + "\n")
    return path


def send(broker, client, path):
    driver.run(client.command, "send", bootstrap=broker.bootstrap, topic=COMMANDS, records=path)


def now_ms():
    return int(time.time() * 1000)


def by_three(broker, work):
    """Created by Java, replaced by franz-go, cancelled by kcat"""
    plain.make_topic(broker, TOPIC)
    java, franz = clients.java(), clients.franz_go_old()
    far = now_ms() + 3_600_000
    created = {f"many-{n}": far for n in range(KEYS)}
    send(broker, java, commands(work / "java.json", created, "java"))
    # Due between 8 and 14 s from now: on a busy machine some cancels are late, but never most.
    first = now_ms() + 8_000
    due = {key: first + 6 * n for n, key in enumerate(created)}
    send(broker, franz, commands(work / "franz.json", due, "franz"))
    replaced = now_ms()
    gone = [key for n, key in enumerate(due) if n % 2]
    plain.send_many(broker, [(key, {}, "") for key in gone])
    acknowledged = now_ms()
    safe = {key for key in gone if due[key] >= acknowledged + IN_TIME_MS}
    check(len(safe) > KEYS // 10, f"the cancels took until {acknowledged - first} ms")
    check(replaced + IN_TIME_MS < first, f"the replacements took until {replaced - first} ms")
    kept = {key for key in due if key not in gone}

    def seen():
        return {h["schedule"] for h, _ in plain.fires(broker, TOPIC)}
    plain.until("every schedule that was not cancelled", lambda: seen() >= kept, 60)
    fired = plain.fires(broker, TOPIC)
    names = [h["schedule"] for h, _ in fired]
    check(len(names) == len(set(names)), "a schedule was fired twice")
    check({v for _, v in fired} == {"franz"}, f"payloads {({v for _, v in fired})}")
    late = safe & set(names)
    check(not late, f"{len(late)} fired whose cancel was acknowledged 2 s before, such as "
          f"{sorted(late)[:3]}")
    events = [r["event"] for r in plain.run_records(broker) if r["event"] in ("rejected", "stale")]
    check(not events, f"{len(events)} commands refused")


def run(results, broker, work, _chosen):
    with plain.Scheduler(broker, work, "scheduler", ("--partitions", "8")):
        results.run(SUITE, plain.CLIENT, by_three.__doc__, by_three, broker, work)
