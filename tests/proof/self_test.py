"""Shows that the checker sees each fault: a good history, and the same with one thing wrong."""
import copy
import json
import uuid

import model

START = 1_700_000_000_000


def cron(_spec, _zone, after, until):
    return [n for n in range(after // 1000 * 1000, until + 1, 1000) if n > after]


def fire(key, generation, nominal, value):
    name = f"{key}\0{generation}\0{nominal}"
    fire_id = str(uuid.uuid5(model.NAMESPACE, name))
    return {"schedule": key, "generation": str(generation), "nominal-time": str(nominal),
            "fire-id": fire_id}, value


def history():
    """Lists of commands, fires and run records that are right."""
    rule = {"topic": "t", "every": "1s"}
    commands = [  # offset, append time, key, headers, value
        (0, START + 10, "k", rule, b"one"),
        (1, START + 20, "shot", {"topic": "t", "delay": "2s"}, b"shot"),
        (2, START + 2_500, "k", rule, b"two"),
        (3, START + 2_600, "k", {"action": "trigger"}, b""),
        (4, START + 2_700, "bad", {"action": "pause"}, b""),
        (5, START + 9_500, "k", {}, None)]
    fires = [fire("k", 0, START + n * 1000, b"one") for n in (1, 2)]
    fires += [fire("k", 2, START + n * 1000, b"two") for n in (3, 4, 8, 9)]
    fires += [fire("k", 3, START + 2_600, b"two"), fire("shot", 1, START + 2_020, b"shot")]
    runs = [{"event": "fired", "fire_id": headers["fire-id"]} for headers, _ in fires]
    runs.append({"event": "missed", "schedule": "k", "nominal_ms": START + 5_000,
                 "until_ms": START + 7_000, "count": 3})
    runs.append({"event": "rejected", "schedule": "bad", "origin_partition": 0, "origin_offset": 4,
                 "reason": "there is no such schedule"})
    return commands, fires, runs


def judge(commands, fires, runs, until=START + 12_000):
    judged = model.Model(1, cron)
    for offset, at, key, headers, value in commands:
        judged.command(0, offset, at, key.encode(), headers, value)
    for headers, value in fires:
        judged.fire(headers, value)
    for run in runs:
        judged.run(json.dumps(run))
    return judged.judge(until)


def without(n):
    def change(_, fires, runs):
        gone = fires.pop(n)[0]["fire-id"]
        runs[:] = [r for r in runs if r.get("fire_id") != gone]
    return change


def add(*made):
    def change(_, fires, runs):
        fires.append(fire(*made))
        runs.append({"event": "fired", "fire_id": fires[-1][0]["fire-id"]})
    return change


FAULTS = {
    "a lost nominal time": (without(1), "neither fired nor named"),
    "a lost one-shot": (without(7), "neither fired nor named"),
    "a lost manual fire": (without(6), "neither fired nor named"),
    "a fire twice": (lambda c, f, r: f.append(f[0]), "fired twice"),
    "a nominal time by two generations": (add("k", 2, START + 2_000, b"two"), "did not want"),
    "a fire after a cancel": (add("k", 2, START + 12_000, b"two"), "did not want"),
    "a time that is not the rule's": (add("k", 2, START + 8_500, b"two"), "did not want"),
    "another's payload": (lambda c, f, r: f.append((f.pop(0)[0], b"x")), "payloads of others"),
    "a fire without a run record": (lambda c, f, r: r.pop(0), "only in a target"),
    "a run record without a fire": (lambda c, f, r: f.pop(0), "only in the history"),
    "a refusal that was not earned": (lambda c, f, r: r[-1].update(reason="no"), "rejected"),
    "a wrong fire id": (lambda c, f, r: f[0][0].update({"fire-id": "x"}), "wrong fire id"),
}


def main():
    wrong = judge(*history())
    assert not wrong, f"a right history is called wrong: {wrong}"
    for name, (change, word) in FAULTS.items():
        changed = copy.deepcopy(history())
        change(*changed)
        found = judge(*changed)
        assert any(word in text for text in found), f"{name} is not seen: {found}"
    lost = model.Model(2, cron)
    lost.command(1 - model.canonical(b"k", 2), 0, START, b"k", {"topic": "t", "delay": "1s"}, b"v")
    assert "forwarded 0 times" in lost.judge(START)[0], "a command that is not forwarded"
    for key, value in ((b"21", -973932308), (b"foobar", -790332482),
                       (b"a-little-bit-long-string", -985981536)):
        assert model.canonical(key, 1 << 31) == value & 0x7FFFFFFF, f"murmur2 of {key}"
    print(f"{len(FAULTS) + 1} faults seen")


if __name__ == "__main__":
    main()
