"""What should have fired, and whether it did: the judgement of the checker, without any I/O.

Shares nothing with the scheduler but the evaluation of cron (the program cron_times). It knows the
commands in the order of their partition, the committed records of the targets and the run records.
"""
import bisect
import collections
import dataclasses
import json
import uuid

NAMESPACE = uuid.UUID("6b1f6d0e-5c52-4f0b-9a37-2d840ec17743")
# A command appended before a due time, but committed after it, may come too late for that fire.
GRACE_MS = 2_000
# Refusals that a load of random commands earns; any other is a fault.
EARNED = ("there is no such schedule", "never fires")
NEVER = -(1 << 62)
UNITS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def canonical(key, partitions):
    """Java's murmur2 of the key, without its sign."""
    mask, h = 0xFFFFFFFF, (0x9747B28C ^ len(key)) & 0xFFFFFFFF
    whole = len(key) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at:at + 4], "little") * 0x5BD1E995 & mask
        k = (k ^ k >> 24) * 0x5BD1E995 & mask
        h = h * 0x5BD1E995 & mask ^ k
    if whole != len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * 0x5BD1E995 & mask
    h = (h ^ h >> 13) * 0x5BD1E995 & mask
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


def length(text):
    digits = text.rstrip("msdh")
    return int(digits) * UNITS[text[len(digits):]]


@dataclasses.dataclass
class Command:
    """A record of the commands in its canonical partition."""

    offset: int
    arrival: int
    origin: tuple  # partition, offset, append time
    forwarded: bool
    headers: dict
    value: bytes | None
    since: int = NEVER  # times up to then are not asked of it

    @property
    def kind(self):
        if "action" in self.headers:
            return self.headers["action"]
        return "cancel" if self.value is None else "create"

    @property
    def one_shot(self):
        return "at" in self.headers or "delay" in self.headers

    def times(self, until, cron):
        """The nominal times that the definition wants up to `until`, in order."""
        h, born = self.headers, self.origin[2]
        until = min(until, int(h.get("end", until)))
        if "at" in h:
            found = [int(h["at"])]
        elif "delay" in h:
            found = [born + length(h["delay"])]
        elif "every" in h:
            step, phase = length(h["every"]), length(h.get("phase", "0s"))
            found = range(born + step - (born - phase) % step, until + 1, step)
        else:
            found = cron(h["cron"], h.get("timezone", "UTC"), born, until)
        found = found[:int(h["limit"])] if "limit" in h else found
        return [n for n in found if n <= until]


class Schedule:
    """All that is known of one key."""

    def __init__(self):
        self.commands = []
        self.fired = collections.defaultdict(list)  # nominal time -> generations
        self.values = {}  # generation -> payloads of its fires
        self.named = []  # ranges, both ends included

    def tell(self, refused):
        """For whoever looks for the cause of a fault."""
        lines = [f"command {c.offset} at {c.arrival} from {c.origin}, {c.kind}: {c.headers} "
                 f"{refused.get(c.origin[:2], '')}" for c in self.commands[-8:]]
        last = sorted(self.fired.items())[-12:]
        return [*lines, f"fired {last}", f"named {self.named[-8:]}"]

    def names(self, nominal):
        return any(first <= nominal <= last for first, last in self.named)


class Model:
    """Takes what is read and judges it. `cron(spec, zone, after, until)` gives times in ms."""

    def __init__(self, partitions, cron):
        self.partitions = partitions
        self.cron = cron
        self.schedules = collections.defaultdict(Schedule)
        self.refused = {}  # origin place -> (event, reason)
        self.to_forward = {}  # origin place -> how many copies have arrived
        self.open_ids = collections.Counter()  # fire ids in a target (+1) or in the history (-1)
        self.faults = []
        self.counts = collections.Counter()

    def command(self, partition, offset, timestamp, key, headers, value):
        place = (partition, offset, timestamp)
        if not key:
            return
        self.counts["commands"] += 1
        origin = headers.get("origin")
        if canonical(key, self.partitions) != partition:
            self.to_forward.setdefault(place[:2], 0)
            return
        if origin:
            place = tuple(map(int, origin.split("/")))
            self.counts["forwarded"] += 1
            self.to_forward[place[:2]] = self.to_forward.get(place[:2], 0) + 1
        self.schedules[key.decode()].commands.append(
            Command(offset, timestamp, place, origin is not None, headers, value))

    def fire(self, headers, value):
        key, generation = headers["schedule"], int(headers["generation"])
        nominal = int(headers["nominal-time"])
        self.counts["fires"] += 1
        name = f"{key}\0{generation}\0{nominal}"
        if str(uuid.uuid5(NAMESPACE, name)) != headers["fire-id"]:
            self.faults.append(f"wrong fire id: {headers}")
        schedule = self.schedules[key]
        if generation in schedule.fired[nominal]:
            self.faults.append(f"fired twice: {key} generation {generation} at {nominal}")
        schedule.fired[nominal].append(generation)
        schedule.values.setdefault(generation, set()).add(value)
        self._id(headers["fire-id"], 1)

    def run(self, text):
        run = json.loads(text)
        event = run["event"]
        if event == "fired":
            self._id(run["fire_id"], -1)
        elif event in ("missed", "skipped", "overrun"):
            self.counts[event] += run.get("count", 1)
            self.schedules[run["schedule"]].named.append(
                (run["nominal_ms"], run.get("until_ms", run["nominal_ms"])))
        elif event in ("rejected", "stale"):
            self.counts[event] += 1
            place = (run["origin_partition"], run["origin_offset"])
            self.refused[place] = event
            if event == "rejected" and not any(e in run["reason"] for e in EARNED):
                self.faults.append(f"rejected: {text}")

    def _id(self, fire_id, step):
        self.open_ids[fire_id] += step
        if self.open_ids[fire_id] == 0:
            del self.open_ids[fire_id]

    def judge(self, until):
        """Everything that is wrong as things stand, with nominal times up to `until`."""
        wrong = list(self.faults)
        for place, copies in self.to_forward.items():
            if copies != 1:
                wrong.append(f"command {place} was forwarded {copies} times")
        for fire_id, n in self.open_ids.items():
            where = "the history" if n < 0 else "a target"
            wrong.append(f"fire {fire_id} is only in {where}, {abs(n)} times")
        for key, schedule in self.schedules.items():
            found = [f"{key}: {what}" for what in self._judge_one(schedule, until)]
            wrong += found + (schedule.tell(self.refused) if found else [])
        return wrong

    def _judge_one(self, schedule, until):
        lives, acts, wrong = self._lives(schedule)
        wanted = set()
        allowed = {}  # generation -> nominal times
        for life, end, _ in lives:
            times = life.times(min(end + GRACE_MS, until + GRACE_MS), self.cron)
            wanted.update(times[bisect.bisect_right(times, life.since):
                                bisect.bisect_right(times, min(end, until))])
            allowed[life.offset] = set(times)
            odd = schedule.values.get(life.offset, set()) - {life.value}
            if odd:
                wrong.append(f"generation {life.offset} fired payloads of others: {odd}")
        for act in acts:
            wanted.add(act.origin[2])
            allowed[act.offset] = {act.origin[2]}
        wrong += [f"{n} was neither fired nor named" for n in sorted(wanted)
                  if n not in schedule.fired and not schedule.names(n)]
        cancelled = {life.offset for life, _, how in lives if how == "cancel"}
        for nominal, generations in schedule.fired.items():
            if nominal > until:
                continue
            wrong += [f"generation {g} fired at {nominal}, which it did not want"
                      for g in generations if nominal not in allowed.get(g, ())]
            if len(generations) > 1 and not cancelled & set(generations) and not any(
                    act.offset in generations for act in acts):
                wrong.append(f"{nominal} was fired by generations {generations}")
        return wrong

    def _lives(self, schedule):
        """(definition, its end, what ended it), and the manual fires."""
        lives, acts, wrong = [], [], []
        newest = turned = None
        for command in schedule.commands:
            refused = self.refused.get(command.origin[:2])
            turns = command.kind in ("pause", "resume")
            if refused:
                known = [n for n in (newest, turned if turns else None) if n is not None]
                if refused == "stale" and command.origin[2] > max(known, default=NEVER):
                    wrong.append(f"command {command.origin} was not stale")
                continue
            if turns:
                turned = command.origin[2]
            if command.kind == "trigger":
                acts.append(command)
            if command.kind not in ("create", "cancel"):
                continue
            newest = command.origin[2]
            replaces = bool(lives) and lives[-1][1] > command.arrival
            if replaces:
                lives[-1] = (lives[-1][0], command.arrival, command.kind)
            if command.kind == "create":
                # While it was on its way through another partition, the one before still fired.
                if replaces and not command.one_shot:
                    command.since = command.arrival
                lives.append((command, 1 << 62, "nothing"))
        return lives, acts, wrong
