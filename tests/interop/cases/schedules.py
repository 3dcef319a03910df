"""Suite `schedules`: `horolog schedule …` and `horolog calendar …` against a broker on which
horolog-scheduler runs: what is accepted, refused and stalled, and what the command says of it.
"""
import json
import re
import time

from cases import schedules_bulk
from cases.scheduler import (CLIENT, SEPARATOR, Scheduler, fires, kcat, make_topic, run_records,
                             send, until)
from harness.caller import Caller
from harness.caller import golden as golden_file
from harness.results import check

SUITE = "schedules"
TOPIC = "plan"

YAML_WEEKEND = "name: de\nweekly: [SAT, SUN]\nyearly: [12-25]\n"
YAML_NEVER = "name: de\nweekly: [SUN, MON, TUE, WED, THU, FRI, SAT]\n"
YAML_OPEN = "name: de\nyearly: [02-30]\n"


def create(call, key, *words, code=0):
    return call("schedule", "create", key, "--topic", TOPIC, *words, code=code)


def golden(name, text):
    """As own_command's; the time until a fire in 2100 changes with the day."""
    text = re.sub(r"\b\d+d\d+h\b", "LENGTH", text)
    text = re.sub(r'"in_ms": \d+', '"in_ms": LENGTH', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?<!2100-01-01T00:00:00Z)", "TIME", text)
    golden_file(f"schedules/{name}", text)


def views(call, _broker):
    """Table and JSON, word for word, of a schedule that fires once in 2100."""
    create(call, "golden:once", "--at", "2100-01-01T00:00:00Z", "--value", "payload",
           "--label", "team=sales", "--header", "content-type=text", "--record-key", "eu")
    for mode, suffix in (("table", ""), ("json", "_json")):
        golden("ls" + suffix, call.out("schedule", "ls", "--prefix", "golden:", "--output", mode))
        golden("describe" + suffix,
               call.out("schedule", "describe", "golden:once", "--output", mode))
    names = call.out("schedule", "ls", "--label", "team=sales", "--output", "name")
    check(names == "golden:once\n", names)
    row = call.out("schedule", "ls", "--target", TOPIC, "--output", "csv").splitlines()
    check(row[0].startswith("key,target,rule,status,next"), row)


def life(call, broker):
    """create, alter with a generation, pause, resume, trigger, backfill, rm."""
    create(call, "life", "--cron", "0 7 * * MON-FRI", "--timezone", "Europe/Berlin", "--value", "v")
    first = call.json("schedule", "describe", "life")
    check(first["status"] == "active" and first["zone"] == "Europe/Berlin", first)
    check(all(f["next"].endswith(("+01:00", "+02:00")) for f in first["fires"]), first["fires"])
    generation = first["generation"]
    call("schedule", "alter", "life", "--cron", "30 7 * * *", "--if-generation", generation)
    second = call.json("schedule", "describe", "life")
    check("07:30" in second["says"] and second["zone"] == "Europe/Berlin", second)
    stale = call("schedule", "alter", "life", "--limit", 3, "--if-generation", generation, code=1)
    check("read it again" in stale.stderr, stale.stderr)
    call("schedule", "pause", "life")
    check(call.json("schedule", "ls", "life")["schedules"][0]["status"] == "paused", "not paused")
    call("schedule", "resume", "life")
    call("schedule", "trigger", "life")
    until("the manual fire", lambda: [h for h, v in fires(broker, TOPIC)
                                      if h["schedule"] == "life" and h["trigger"] == "manual"])
    call("schedule", "backfill", "life", "--from", "2026-03-02T00:00:00Z",
         "--to", "2026-03-04T23:00:00Z")
    until("the backfill", lambda: len([h for h, v in fires(broker, TOPIC)
                                       if h["schedule"] == "life"
                                       and h["trigger"] == "backfill"]) == 3)
    call("schedule", "rm", "life", code=6)
    call("schedule", "rm", "life", "--yes")
    call.fails(3, "schedule", "pause", "life", says=["there is no schedule 'life'"])


def refused(call, broker):
    """Each wrong command ends with its code and reason, and nothing is left of it."""
    call.fails(2, "schedule", "create", "x", "--topic", TOPIC, "--cron", "0 25 * * *",
               says=["cron column 3"])
    call.fails(2, "schedule", "create", "x", "--topic", TOPIC, "--every", "1h", "--at", "1",
               says=["at", "every"])
    call.fails(2, "schedule", "create", "x", "--topic", TOPIC, "--every", "1h",
               "--timezone", "Mars/Base", says=["Mars/Base"])
    call.fails(2, "schedule", "create", "x", "--every", "1h", says=["--topic is missing"])
    for words, reason in (
            (("--cron", "0 0 30 2 *"), "never fires"),
            (("--at", "2020-01-01T00:00:00Z"), "catch-up window"),
            (("--every", "1h", "--calendar", "nowhere"), "no calendar named 'nowhere'")):
        done = create(call, "refused", *words, code=1)
        check("rejected" in done.stderr and reason in done.stderr and done.stdout == "",
              done.stderr)
    done = call("schedule", "create", "refused", "--topic", "no-such-topic", "--every", "1h",
                code=1)
    check("no-such-topic" in done.stderr, done.stderr)
    send(broker, "by-kcat", {"topic": TOPIC, "cron": "0 7 * * NEVER"})
    send(broker, "by-kcat", {"topic": TOPIC, "every": "1s", "at": "1"})
    send(broker, "by-kcat", {"topic": TOPIC, "every": "1s", "tpoic": "x"})
    kcat(broker, "-P", "-t", "horolog.schedules", "-H", f"horolog-topic={TOPIC}",
         "-H", "horolog-every=1s", text="no key")

    def seen():
        reasons = [r["reason"] for r in run_records(broker) if r["event"] == "rejected"]
        return all(any(text in reason for reason in reasons) for text in
                   ("column 9", "contradict", "unknown header 'horolog-tpoic'", "key is missing"))
    until("the refusals", seen)
    shown = json.loads(call("schedule", "describe", "by-kcat", "--json", code=3).stdout)
    check([r["column"] for r in shown["runs"]][0] == 9, shown)
    check(len(shown["runs"]) == 3 and all(r["event"] == "rejected" for r in shown["runs"]), shown)


def calendars(call, broker):
    """A calendar is set, used, made impossible, removed, and set again."""
    path = call.home / "de.yaml"

    def set_to(text):
        path.write_text(text)
        return call.json("calendar", "set", path)["calendars"][0]["offset"]
    call.fails(1, "calendar", "set", path.with_suffix(".none"), says=["cannot read"])
    set_to(YAML_NEVER)
    done = create(call, "closed", "--every", "1s", "--calendar", "de", code=1)
    check("every day off" in done.stderr, done.stderr)
    path.write_text(YAML_OPEN)
    call.fails(2, "calendar", "set", path, says=["'02-30' is no day of a year"])
    first = set_to("name: de\ndates: [2020-01-01]\n")
    check(call.out("calendar", "ls", "--output", "name") == "de\n", "not listed")
    create(call, "open", "--every", "1s", "--calendar", "de", "--value", "v")

    def offsets():
        return {r.get("calendar_offset") for r in run_records(broker)
                if r["event"] == "fired" and r["schedule"] == "open"}
    until("a fire that names the calendar", lambda: first in offsets())
    set_to(YAML_NEVER)

    def status():
        return call.json("schedule", "describe", "open")
    until("the stall", lambda: any(r["event"] == "stalled" for r in status()["runs"]))
    check(status()["status"].startswith("stalled: calendar 'de' has every day off"), status())
    call("calendar", "rm", "de", code=6)
    call("calendar", "rm", "de", "--yes")
    until("the second stall", lambda: any("no calendar named" in (r["reason"] or "")
                                          for r in status()["runs"]))
    last = set_to(YAML_WEEKEND.replace("[SAT, SUN]", "[]"))
    until("a fire by the calendar set again", lambda: last in offsets())
    call("schedule", "rm", "open", "--yes")
    ics = call.home / "days.ics"
    ics.write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\n"
                   "END:VEVENT\r\nEND:VCALENDAR\r\n")
    call("calendar", "set", ics, "--name", "ics")
    days = call.json("calendar", "describe", "ics")["days"]
    check(days == [{"day": "2026-12-25", "what": "date"}], days)
    call.fails(3, "calendar", "describe", "nowhere", says=["there is no calendar 'nowhere'"])


def selection(call, _broker):
    """A plan before many are changed; --dry-run changes nothing; --yes does."""
    for n in range(6):
        create(call, f"many:{n}", "--every", "1d", "--label", f"half={n % 2}", "--no-wait")
    until("all of them", lambda: len(call.json("schedule", "ls", "many:*")["schedules"]) == 6)
    plan = call("schedule", "rm", "--label", "half=1", code=6)
    check(plan.stdout.count("many:") == 3 and "nothing was changed" in plan.stderr, plan.stderr)
    call("schedule", "rm", "--label", "half=1", "--dry-run")
    check(len(call.json("schedule", "ls", "many:*")["schedules"]) == 6, "a dry run changed it")
    call("schedule", "pause", "--prefix", "many:", "--label", "half=1", "--yes")
    check(len(call.json("schedule", "ls", "many:*", "--paused")["schedules"]) == 3, "not paused")
    call("schedule", "rm", "many:*", "--yes")
    check(call.json("schedule", "ls", "many:*")["schedules"] == [], "not cancelled")
    call.fails(2, "schedule", "rm", says=["say which schedules"])
    call.fails(3, "schedule", "rm", "golden:onec", says=["did you mean 'golden:once'?"])
    map_text = call.out("schedule", "ls", "--map", "--until", "2100-01-02", "--from", "2099-12-01")
    check("Mon" in map_text and "none" in map_text, map_text)


def imported(call, _broker):
    """A crontab is read, what it cannot keep is said, and export shows what came of it."""
    path = call.home / "jobs.cron"
    path.write_text("CRON_TZ=Europe/Berlin\nMAILTO=ops\n30 2 * * MON-FRI /opt/backup.sh --all\n"
                    "@reboot /opt/start\n@daily backup.sh\n")
    words = ("schedule", "import", path, "--topic", TOPIC, "--prefix", "cron:")
    plan = call(*words, "--dry-run")
    for text in ("line 2: MAILTO is left out", "line 4: left out: @reboot"):
        check(text in plan.stderr, plan.stderr)
    check(plan.stdout.count("cron:backup.sh") == 2, plan.stdout)
    call(*words, code=6)
    call(*words, "--yes")
    rows = [json.loads(line) for line in call.out("schedule", "export", "cron:*").splitlines()]
    check([r["key"] for r in rows] == ["cron:backup.sh", "cron:backup.sh-2"], rows)
    check(rows[0]["value"] == "/opt/backup.sh --all"
          and ["horolog-timezone", "Europe/Berlin"] in rows[0]["headers"], rows)
    path.write_text("61 * * * * x\n")
    call.fails(2, *words, "--yes", says=[f"{path}:1", "column 1"])


def forge_gone(broker, key):
    """A one-shot in the state that was due half a minute ago and is over, but has never fired."""
    now = int(time.time() * 1000)
    headers = {"topic": TOPIC, "at": now - 30_000, "generation": 1_000_000,
               "origin": f"0/1000000/{now - 60_000}"}
    words = [w for name, v in headers.items() for w in ("-H", f"horolog-{name}={v}")]
    state = ("-P", "-t", "horolog.schedules.state", "-p", "0")
    kcat(broker, *state, "-k", f"definition:{key}", *words, text="payload")
    kcat(broker, *state, "-K", SEPARATOR, "-Z", text=f"definition:{key}{SEPARATOR}")


def checked(call, broker):
    """check schedule: all is accounted for, what is gone too; a forged second fire is found."""
    good = call("check", "schedule")
    check(good.stdout.startswith("OK - ") and " 0 twice, 0 lost, 0 without" in good.stdout,
          good.stdout)
    check("gone ones looked at too: " in good.stdout, good.stdout)
    forge_gone(broker, "forged")
    bad = call("check", "schedule", code=2)
    check(" 0 twice, 1 lost, 0 without" in bad.stdout, bad.stdout)
    call("check", "schedule", "life")
    gone = call("check", "schedule", "never-there", code=3)
    check("there is no schedule 'never-there'" in gone.stdout, gone.stdout)
    fire = until("a fire that has settled",
                 lambda: [h for h, _ in fires(broker, TOPIC)
                          if int(h["fired-time"]) < time.time() * 1000 - 11_000])[0]
    words = [w for name in ("fire-id", "fired-time", "attempt", "schedule")
             for w in ("-H", f"horolog-{name}={fire[name]}")]
    kcat(broker, "-P", "-t", TOPIC, *words, text="forged")
    bad = call("check", "schedule", code=2)
    check(bad.stdout.startswith("CRITICAL") and " 1 twice" in bad.stdout, bad.stdout)
    return good.stdout


def target_gone(call, broker):
    """A target that is deleted: `describe` says what its schedules wait for."""
    make_topic(broker, "going")
    call("schedule", "create", "to-going", "--topic", "going", "--every", "1s", "--value", "v")
    until("a fire", lambda: fires(broker, "going"))
    call("topic", "rm", "going", "--yes")

    def stalls():
        runs = call.json("schedule", "describe", "to-going")["runs"]
        return [run["reason"] for run in runs if run["event"] == "stalled"]
    check(until("the stall", stalls)[0], "no reason")
    call("schedule", "rm", "to-going", "--yes")


def undecided(call, scheduler, broker):
    """Without a scheduler the command says so; what it sent is done when one comes."""
    scheduler.end()
    create(call, "later", "--every", "1d", "--timeout", "1s", code=5)
    scheduler.start()
    until("the schedule", lambda: call.json("schedule", "ls", "later*")["schedules"])


def run(results, broker, work, _chosen):
    call = Caller(broker, work)
    with Scheduler(broker, work) as scheduler:
        make_topic(broker, TOPIC)
        for case in (views, life, refused, calendars, selection,
                     schedules_bulk.thousands, schedules_bulk.cancelled_in_time, imported, checked,
                     target_gone):
            results.run(SUITE, CLIENT, case.__doc__.rstrip("."), case, call, broker)
        if broker.name == "kafka":  # the broker of this project has a scheduler of its own
            results.run(SUITE, CLIENT, undecided.__doc__.rstrip("."), undecided, call, scheduler,
                        broker)
