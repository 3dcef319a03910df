#!/usr/bin/env python3
"""Compares what Horolog's message structs say of themselves with Apache Kafka's own schemas.

  tests/interop/schema_oracle.py [--shapes PROGRAM]

The schemas are the JSON files inside the Java artifacts of Apache Kafka 4.3.1, fetched with Maven
into $KAFKA_LIBS (default ${XDG_CACHE_HOME:-$HOME/.cache}/kafka-4.3.1). PROGRAM prints the shape of
every message and persisted record in every version (built with the tests:
build/<preset>/bin/schema_oracle_shapes; default: that of the release build).

Every field of every (message, version) must agree in place, name (spelling aside), type, default,
nullability, tag, ignorable mark and length encoding; every message in versions, flexible versions
and number; the served table in the versions Apache Kafka serves. Any difference fails.
"""
import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import zipfile

KAFKA = "4.3.1"
ARTIFACTS = ("kafka-clients", "kafka-metadata", "kafka-group-coordinator",
             "kafka-transaction-coordinator", "kafka-storage")
SOURCE = pathlib.Path(__file__).resolve().parents[2]
NEVER_FLEXIBLE = 32767
# A run that compared less than this has lost messages on the way.
FEWEST_FIELDS = 3000


def library():
    """The folder with the jars; fetches those that are missing."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
    jars = pathlib.Path(os.environ.get("KAFKA_LIBS", cache / f"kafka-{KAFKA}")) / "jars"
    for artifact in ARTIFACTS:
        if (jars / f"{artifact}-{KAFKA}.jar").exists():
            continue
        jars.mkdir(parents=True, exist_ok=True)
        # By its full name: the short prefix resolves to an older plugin without these options.
        subprocess.run(
            ["mvn", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
             f"-Dartifact=org.apache.kafka:{artifact}:{KAFKA}", f"-DoutputDirectory={jars}"],
            check=True, stdout=sys.stderr)
    return jars


def without_comments(text):
    """JSON as Kafka writes it has // comments, which never stand behind a slash inside a string
    except in URLs; so a line is cut only where the // is outside quotes."""
    lines = []
    for line in text.splitlines():
        quoted = False
        for at, char in enumerate(line):
            if char == '"':
                quoted = not quoted
            elif not quoted and line.startswith("//", at):
                line = line[:at]
                break
        lines.append(line)
    return "\n".join(lines)


def schemas(jars):
    found = {}
    for artifact in ARTIFACTS:
        with zipfile.ZipFile(jars / f"{artifact}-{KAFKA}.jar") as jar:
            for name in jar.namelist():
                if name.endswith(".json") and "message/" in name or "common/metadata/" in name \
                        and name.endswith(".json"):
                    schema = json.loads(without_comments(jar.read(name).decode()))
                    found[schema["name"]] = schema
    return found


class Versions:
    """A range as schemas write it: "3+", "0-7", "2" or "none"."""

    def __init__(self, text):
        self.first, self.last = 1, 0
        if text != "none":
            first, _, last = text.partition("-")
            self.first = int(first.rstrip("+"))
            self.last = NEVER_FLEXIBLE if text.endswith("+") else int(last or first)

    def __contains__(self, version):
        return self.first <= version <= self.last


def spelled(name):
    return name.replace("_", "").lower()


def default_of(field, kind, nullable_somewhere):
    """The value a field has when nobody sets it, as Kafka's generated classes have it."""
    given = field.get("default", "")
    if nullable_somewhere and given in ("null", None):
        return None
    if kind.startswith("[]"):
        return []
    if kind in ("string", "bytes", "uuid"):
        return given or ""
    if kind == "records":
        return None
    if kind == "bool":
        return str(given or "false").lower() == "true"
    if kind == "{}":
        return {}
    return int(str(given or "0"), 0)


def expected_fields(schema, fields, version):
    """The fields that stand in `version`, tagged ones last, as schema_oracle_shapes prints them."""
    common = {struct["name"]: struct["fields"] for struct in schema.get("commonStructs", [])}
    flexible = version in Versions(schema["flexibleVersions"])
    plain, tagged = [], []
    for field in fields:
        # Kafka's generator takes the tagged versions where a field gives no others.
        if version not in Versions(field.get("versions") or field["taggedVersions"]):
            continue
        kind = field["type"]
        element = kind.removeprefix("[]")
        inner = None
        if element[0].isupper():
            inner = field.get("fields") or common[element]
            kind = kind.replace(element, "{}") if kind.startswith("[]") else "{}"
        nullable = Versions(field.get("nullableVersions", "none"))
        is_tagged = version in Versions(field.get("taggedVersions", "none"))
        own_flexible = field.get("flexibleVersions")
        entry = {
            "name": spelled(field["name"]),
            "type": kind,
            "nullable": version in nullable,
            "default": default_of(field, kind, nullable.first <= nullable.last),
            "ignorable": bool(field.get("ignorable", False)),
            "tag": field["tag"] if is_tagged else None,
            "never_compact": own_flexible == "none",
        }
        if own_flexible not in (None, "none") and Versions(own_flexible).first != \
                Versions(schema["flexibleVersions"]).first:
            raise ValueError(f"{schema['name']}.{field['name']}: flexible versions of its own")
        if is_tagged and not flexible:
            continue
        if inner is not None:
            entry["fields"] = expected_fields(schema, inner, version)
        (tagged if is_tagged else plain).append(entry)
    return plain + sorted(tagged, key=lambda entry: entry["tag"])


def compare_fields(path, ours, theirs, complain):
    """Compares two lists of fields; returns how many were compared."""
    compared = 0
    for our, their in zip(ours, theirs):
        name = f"{path}.{our['name']}"
        our = dict(our, name=spelled(our["name"]))
        for key in ("name", "type", "nullable", "default", "ignorable", "tag", "never_compact"):
            # A bool default must not pass for a number, nor the other way round.
            if our[key] != their[key] or isinstance(our[key], bool) != isinstance(their[key], bool):
                complain(f"{name}: {key} is {our[key]!r}, Kafka has {their[key]!r}")
        compared += 1 + compare_fields(name, our.get("fields", []), their.get("fields", []),
                                       complain)
    for our in ours[len(theirs):]:
        complain(f"{path}.{our['name']}: Kafka has no such field here")
    for their in theirs[len(ours):]:
        complain(f"{path}: the field {their['name']} is missing")
    return compared


def compare_message(shape, schema, complain):
    """What a message says of itself apart from its fields."""
    valid = Versions(schema["validVersions"])
    flexible = Versions(schema["flexibleVersions"])
    theirs = (valid.first, valid.last,
              flexible.first if flexible.first <= flexible.last else NEVER_FLEXIBLE)
    ours = (shape["min"], shape["max"], shape["flexible_since"])
    if ours != theirs:
        complain(f"versions and first flexible one are {ours}, Kafka has {theirs}")
    number = schema.get("apiKey", -1)
    field = "key" if schema["type"] in ("request", "response") else "record_type"
    if shape[field] != number:
        complain(f"{field} is {shape[field]}, Kafka has {number}")


def compare_served(row, schema, complain):
    valid = Versions(schema["validVersions"])
    last = valid.last - (1 if schema.get("latestVersionUnstable") else 0)
    if (row["min"], row["max"]) != (valid.first, last):
        complain(f"served {row['min']}-{row['max']}, Kafka serves {valid.first}-{last}")
    first = 0 if row["served"] == "Produce" else valid.first
    if (row["advertised_min"], row["advertised_max"]) != (first, last):
        complain(f"advertised {row['advertised_min']}-{row['advertised_max']}, Kafka says "
                 f"{first}-{last}")


def run(shapes, found):
    passed = failed = compared = 0
    versions = collections.defaultdict(set)
    for line in shapes:
        record = json.loads(line)
        problems = []
        if "served" in record:
            what = f"served {record['served']}"
            compare_served(record, found[record["served"] + "Request"], problems.append)
        else:
            what = f"{record['message']} version {record['version']}"
            schema = found.get(record["message"])
            if schema is None:
                problems.append("Kafka has no such message")
            else:
                versions[record["message"]].add(record["version"])
                compare_message(record, schema, problems.append)
                compared += compare_fields(
                    record["message"], record["fields"],
                    expected_fields(schema, schema["fields"], record["version"]), problems.append)
        for problem in problems:
            print(f"FAIL {what}: {problem}")
        passed, failed = passed + (not problems), failed + bool(problems)
    for message, walked in sorted(versions.items()):
        valid = Versions(found[message]["validVersions"])
        if walked != set(range(valid.first, valid.last + 1)):
            print(f"FAIL {message}: versions {sorted(walked)} were compared, Kafka has "
                  f"{valid.first}-{valid.last}")
            failed += 1
    print(f"compared {compared} (message, version, field) triples of {len(versions)} messages")
    if compared < FEWEST_FIELDS:
        print(f"FAIL: fewer than {FEWEST_FIELDS} triples")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", type=pathlib.Path,
                        default=SOURCE / "build/release/bin/schema_oracle_shapes",
                        help="the program that prints our shapes")
    options = parser.parse_args()
    if not options.shapes.exists():
        sys.exit(f"{options.shapes} is not there: build the target schema_oracle_shapes, or name "
                 "the program with --shapes")
    printed = subprocess.run([options.shapes], check=True, capture_output=True, text=True)
    sys.exit(0 if run(printed.stdout.splitlines(), schemas(library())) else 1)


if __name__ == "__main__":
    main()
