#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Is every line a record as io/verdict.schema.json describes it?

usage: check_schema.py [COMMAND [ARGUMENT...]]

Reads JSON Lines from COMMAND's standard output, or from standard input. Held
against python3-jsonschema, and against what a schema cannot say: a line is
strict JSON in UTF-8, no field comes twice, fields stand in the schema's order.

Exit status: 0 all lines are records; 1 the first that is not is named on
standard error; 2 nothing to check, or the command failed.
"""
import io
import json
import pathlib
import subprocess
import sys

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "io" / "verdict.schema.json"


class NotARecord(Exception):
    """A line is not a record; the text says why."""


def load_schema(path=SCHEMA):
    """The schema, itself held against its meta-schema."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def pairs(items):
    """An object of one line; a field that comes twice is refused."""
    fields = dict(items)
    if len(fields) != len(items):
        raise NotARecord("a field comes twice among " + ", ".join(k for k, _ in items))
    return fields


def no_constant(word):
    raise NotARecord(f"{word} is no JSON")


def check_order(value, schema, root, path="record"):
    """The fields of each object stand in the order of the schema's properties."""
    if value is None:
        return
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return check_order(value, schema["anyOf"][0], root, path)
    if isinstance(value, dict):
        order = [k for k in schema["properties"] if k in value]
        if list(value) != order:
            raise NotARecord(f"{path}: fields in the order {list(value)}, not {order}")
        for key, inner in value.items():
            check_order(inner, schema["properties"][key], root, f"{path}.{key}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            check_order(inner, schema["items"], root, f"{path}[{i}]")


class Checker:
    """Holds lines against one schema."""

    def __init__(self, schema):
        self.schema = schema
        self.validator = jsonschema.Draft202012Validator(schema)

    def record(self, record):
        error = jsonschema.exceptions.best_match(self.validator.iter_errors(record))
        if error is not None:
            raise NotARecord(f"{error.json_path}: {error.message}")
        check_order(record, self.schema, self.schema)

    def line(self, line):
        """The record of one line of bytes, its line end included."""
        if not line.endswith(b"\n"):
            raise NotARecord("the line has no end")
        try:
            text = line[:-1].decode("utf-8")
            record = json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant)
            json.dumps(record, ensure_ascii=False).encode("utf-8")
        except ValueError as error:
            raise NotARecord(str(error)) from error
        self.record(record)
        return record


def main(command):
    lines = sys.stdin.buffer
    if command:
        child = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if child.returncode != 0:
            print(f"{command[0]}: exit status {child.returncode}", file=sys.stderr)
            return 2
        lines = io.BytesIO(child.stdout)
    checker = Checker(load_schema())
    count = 0
    for line in lines:
        count += 1
        try:
            checker.line(line)
        except NotARecord as error:
            print(f"line {count}: {error}\n  {line[:200]!r}", file=sys.stderr)
            return 1
    if count == 0:
        print("no records to check", file=sys.stderr)
        return 2
    print(f"{count} records as {SCHEMA.name} says")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
