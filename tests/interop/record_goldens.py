#!/usr/bin/env python3
"""Golden bytes of every persisted record, written by Apache Kafka's own classes.

  tests/interop/record_goldens.py [--shapes PROGRAM] [--update]

Fills every record type in every version twice (every field set; everything that may be null or
empty so), lets Kafka 4.3.1 write it, and compares with tests/protocol/golden/records.tsv, which the
unit test GoldenRecords reads and writes again with our own classes. --update replaces the file.
"""
import argparse
import base64
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import schema_oracle  # noqa: E402
from harness import clients  # noqa: E402

GOLDEN = schema_oracle.SOURCE / "tests/protocol/golden/records.tsv"
HEADER = "# record\tversion\tvariant\tbytes (by Apache Kafka 4.3.1)\tfields\n"
# Two bytes or more of each number differ, so that none can stand in another's place.
NUMBERS = {"int8": 0x21, "int16": 0x2122, "uint16": 0xA1A2, "int32": 0x21222324,
           "int64": 0x2122232425262728}
RECORD_TYPES = ("data", "metadata", "coordinator-key", "coordinator-value")


class Filler:
    """Values for one record: as Kafka's JSON form has them, and as our dump prints them."""

    def __init__(self, full):
        self.full = full
        self.count = 0

    def single(self, kind, name):
        self.count += 1
        n = self.count
        if kind == "bool":
            return self.full, str(self.full).lower()
        if kind in NUMBERS:
            value = NUMBERS[kind] + n
            return value, str(value)
        if kind == "string":
            return f"{name}-{n}", f'"{name}-{n}"'
        raw = bytes((n + i) % 256 for i in range(16 if kind == "uuid" else 5))
        if kind == "uuid":
            text = base64.urlsafe_b64encode(raw).decode().rstrip("=")
            return text, text
        if kind == "bytes":
            return base64.b64encode(raw).decode(), f"{len(raw)} bytes <{raw.hex()}>"
        raise ValueError(f"{name}: a field of type {kind}")

    def field(self, shape, json_name, schema):
        kind = shape["type"]
        if shape["nullable"] and not self.full:
            return None, "null"
        if kind.startswith("[]"):
            if not self.full:
                return [], "[]"
            items = [self.element(kind[2:], shape, json_name, schema) for _ in range(2)]
            return [i[0] for i in items], f"[{', '.join(i[1] for i in items)}]"
        return self.element(kind, shape, json_name, schema)

    def element(self, kind, shape, json_name, schema):
        if kind == "{}":
            return self.fields(shape["fields"], schema)
        return self.single(kind, json_name)

    def fields(self, shapes, schema):
        """`schema` maps our spelling to Kafka's field and the fields within it."""
        values, texts = {}, []
        for shape in shapes:
            name, inner = schema[schema_oracle.spelled(shape["name"])]
            value, text = self.field(shape, name, inner)
            values[name] = value
            texts.append(f"{shape['name']}={text}")
        return values, f"{{{', '.join(texts)}}}"


def names_of(schema, fields):
    common = {struct["name"]: struct["fields"] for struct in schema.get("commonStructs", [])}
    out = {}
    for field in fields:
        element = field["type"].removeprefix("[]")
        inner = field.get("fields") or common.get(element, [])
        name = field["name"]
        out[schema_oracle.spelled(name)] = (name[0].lower() + name[1:], names_of(schema, inner))
    return out


def wanted(shapes, found):
    for line in shapes:
        shape = json.loads(line)
        schema = found.get(shape.get("message"))
        if schema is None or schema["type"] not in RECORD_TYPES:
            continue
        for variant in ("full", "empty"):
            filler = Filler(variant == "full")
            values, text = filler.fields(shape["fields"], names_of(schema, schema["fields"]))
            yield shape["message"], shape["version"], variant, values, text


def by_kafka(cases):
    asked = "".join(json.dumps({"record": name, "version": version, "fields": values}) + "\n"
                    for name, version, _, values, _ in cases)
    done = subprocess.run(clients.java_command("RecordBytes"), input=asked, check=True,
                          capture_output=True, text=True)
    return done.stdout.splitlines()


def golden(shapes):
    cases = list(wanted(shapes, schema_oracle.schemas(schema_oracle.library())))
    lines = [f"{name}\t{version}\t{variant}\t{hexes}\t{text}\n"
             for (name, version, variant, _, text), hexes in zip(cases, by_kafka(cases),
                                                                 strict=True)]
    return HEADER + "".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", type=pathlib.Path,
                        default=schema_oracle.SOURCE / "build/release/bin/schema_oracle_shapes")
    parser.add_argument("--update", action="store_true")
    asked = parser.parse_args()
    made = golden(subprocess.run([asked.shapes], check=True, capture_output=True,
                                 text=True).stdout.splitlines())
    if asked.update:
        GOLDEN.write_text(made)
    there = GOLDEN.read_text().splitlines()
    differ = [line for line in made.splitlines() if line not in there]
    for line in differ:
        print(f"FAIL not in {GOLDEN.name}: {line[:160]}")
    count = len(there) - 1
    print(f"{count - len(differ)} passed, {len(differ)} failed")
    sys.exit(0 if made == GOLDEN.read_text() else 1)


if __name__ == "__main__":
    main()
