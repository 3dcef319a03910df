"""Damaged files: a bit flipped below the recovery point, and pages zeroed above it.

Below it the partition must be quarantined, by name, while all others serve; a reader gets an error,
never wrong data. Above it (pages that a power cut may keep or lose in any order) the broker must
start with the prefix before the first damage, keep the rest as <base>.cut-N, and go on.
"""
import random
import socket
import struct
import subprocess
import time

import rig
from harness import clients as known
from harness import driver
from harness.results import CaseError, check

SUITE = "damage"
TOPIC = "damaged"
PAGE = 4096


def batches(path):
    """(base offset, position, size) of every whole batch in a .log file."""
    raw = path.read_bytes()
    at = 0
    out = []
    while at + 61 <= len(raw):
        base, size = struct.unpack_from(">qi", raw, at)
        if size <= 0 or raw[at + 16] != 2:
            break
        out.append((base, at, size + 12))
        at += size + 12
    return out


def recovery_point(broker, topic, partition):
    """The offset below which everything had been synced when it was last written down."""
    written = broker.data / "recovery-point-offset-checkpoint"
    text = written.read_text() if written.exists() else ""
    for line in text.splitlines()[2:]:
        name, p, offset = line.split()
        if (name, int(p)) == (topic, partition):
            return int(offset)
    return 0


def last_log(broker, partition):
    return sorted((broker.data / f"{TOPIC}-{partition}").glob("*.log"))[-1]


def start_serving(broker, partitions):
    """Starts and checks that the undamaged partitions hold everything."""
    broker.start()
    for p in partitions:
        held = rig.values(broker, TOPIC, p)
        check(len(held) == 400, f"partition {p} serves {len(held)} records of 400")


def fill(broker):
    rig.create_topic(broker, TOPIC, 4)
    rig.fill(broker, TOPIC, 4, 400, values=30)


def flip_bit(broker, rng):
    """In the data of a batch below the recovery point, after an unclean stop."""
    fill(broker)
    broker.stop()
    broker.start()  # a clean stop and start put the recovery point at the end of what was written
    broker.kill()
    check(recovery_point(broker, TOPIC, 0) > 0, "no recovery point was written down")
    path = last_log(broker, 0)
    whole = batches(path)
    check(whole, f"no batch in {path}")
    _, at, size = whole[rng.randrange(len(whole))]
    place = at + rng.randrange(61, size)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1 << rng.randrange(8)
    path.write_bytes(raw)
    rig.check_data(broker, 4, f"damage: {TOPIC}-0/{path.name}, byte {at}:")
    start_serving(broker, (1, 2, 3))
    log = broker.tail(200)
    check("damaged" in log and f"{TOPIC}-0" in log, f"the log does not name the partition:\n{log}")
    code, out = read_error(broker)
    check(code != 0 or "error" in out.lower(), f"the damaged partition serves: {out[:200]}")


def read_error(broker):
    """kcat on the damaged partition; a consumer that waits for ever has read nothing either."""
    try:
        return rig.kcat(broker, "-C", "-t", TOPIC, "-p", "0", "-o", "beginning", "-e", "-q",
                        timeout=4)
    except subprocess.TimeoutExpired as e:
        text = (e.stdout or b"").decode(errors="replace")
        return (1 if not text.strip() else 0), text


def zero_pages(broker, rng):
    """Some pages above the recovery point, with good batches behind them."""
    fill(broker)
    broker.kill()
    path = last_log(broker, 0)
    whole = batches(path)
    synced = recovery_point(broker, TOPIC, 0)
    above = [b for b in whole if b[0] >= synced]
    check(len(above) > 4, f"only {len(above)} batches above the recovery point {synced}")
    raw = bytearray(path.read_bytes())
    first = above[0][1]
    end = above[-1][1] + above[-1][2]
    pages = [p for p in range(first // PAGE + 1, end // PAGE)]
    check(pages, "the batches above the recovery point fill no page")
    chosen = rng.sample(pages, min(len(pages), 1 + rng.randrange(3)))
    for page in chosen:
        raw[page * PAGE:(page + 1) * PAGE] = bytes(PAGE)
    path.write_bytes(raw)
    rig.check_data(broker, 0, "note: ")
    hit = min(chosen) * PAGE
    # The batch that holds the first zeroed byte is the first that is gone.
    kept = sum(1 for b in whole if b[1] + b[2] <= hit)
    wanted = whole[kept][0] if kept < len(whole) else 400
    start_serving(broker, (1, 2, 3))
    held = rig.values(broker, TOPIC, 0)
    check([o for o, _ in held] == list(range(wanted)),
          f"{len(held)} records are left, the prefix before the damage has {wanted}")
    cuts = list(path.parent.glob("*.cut-*"))
    check(cuts, "what was cut off is not kept as .cut-N")
    rig.fill(broker, TOPIC, 1, 10, base=1000)
    check(len(rig.values(broker, TOPIC, 0)) == wanted + 10, "no new record could be written")


def init_producer(broker, transactional_id):
    """The error code of an InitProducerId 0, once its coordinator has been loaded."""
    end = time.monotonic() + 60
    while (code := init_producer_once(broker, transactional_id)) in (14, 51):
        check(time.monotonic() < end, f"{transactional_id}: still error {code}")
        time.sleep(0.05)
    return code


def init_producer_once(broker, transactional_id):
    tid = transactional_id.encode()
    body = (struct.pack(">hhih", 22, 0, 7, 6) + b"damage" + struct.pack(">h", len(tid)) + tid +
            struct.pack(">i", 60000))
    with socket.create_connection(("127.0.0.1", broker.port), 10) as s:
        s.settimeout(30)
        s.sendall(struct.pack(">i", len(body)) + body)
        answer = b""
        while len(answer) < 14:
            more = s.recv(4096)
            check(more, "the connection was closed")
            answer += more
    return struct.unpack_from(">h", answer, 12)[0]


def transact(broker, topic, transactional_id):
    driver.run(known.confluent().command, "transact", bootstrap=broker.bootstrap, topic=topic,
               id=transactional_id, count=3)


def state_log(broker, transactional_id):
    """The log of __transaction_state that holds the id."""
    for path in sorted(broker.data.glob("__transaction_state-*/*.log")):
        if transactional_id.encode() in path.read_bytes():
            return path
    raise CaseError(f"no log holds {transactional_id}")


def transaction_state(broker, rng):
    """A bit flipped in one coordinator's log: its ids are refused, everybody else is served."""
    rig.create_topic(broker, "tx", 3)
    names = [f"id-{n}" for n in range(8)]
    for name in names[:2]:
        transact(broker, "tx", name)
    for name in names[2:]:
        check(init_producer(broker, name) == 0, f"{name} was refused before the damage")
    broker.stop()
    broker.start()
    broker.kill()
    path = state_log(broker, names[0])
    mine = [n for n in names if state_log(broker, n) == path]
    others = [n for n in names if n not in mine]
    check(others, "all ids have one coordinator")
    _, at, size = rng.choice(batches(path))
    raw = bytearray(path.read_bytes())
    raw[at + rng.randrange(61, size)] ^= 1 << rng.randrange(8)
    path.write_bytes(raw)
    rig.check_data(broker, 4, f"damage: {path.parent.name}/{path.name}, byte {at}:")
    broker.start()
    log = broker.tail(200)
    check("damaged" in log and path.parent.name in log, f"the log does not name it:\n{log}")
    for name in mine:
        code = init_producer(broker, name)
        check(code == 15, f"{name}: error {code}, not COORDINATOR_NOT_AVAILABLE")
    for name in others:
        check(init_producer(broker, name) == 0, f"{name} is refused, its coordinator is sound")
    transact(broker, "tx", others[0])
    rig.fill(broker, "tx", 3, 10)
    check(broker.stop() == 0, broker.tail())


def run(results, make_broker, work, asked):
    seed = asked.seed or random.SystemRandom().randrange(1 << 31)
    print(f"damage: seed {seed}", flush=True)
    rng = random.Random(seed)
    # Nothing below may be synced or written down in between but by a clean stop.
    lazy = ["horolog.durability=os"]
    for n in range(2 * asked.repeat):
        with make_broker(work / f"flip-{n}") as broker:
            results.run(SUITE, "bit flip", f"below the recovery point, {n + 1}", flip_bit, broker,
                        rng)
        with make_broker(work / f"state-{n}") as broker:
            results.run(SUITE, "bit flip", f"in __transaction_state, {n + 1}", transaction_state,
                        broker, rng)
        with make_broker(work / f"zero-{n}", lazy) as broker:
            results.run(SUITE, "zeroed pages", f"above the recovery point, {n + 1}", zero_pages,
                        broker, rng)
