#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does check_schema.py refuse what is not a record?

usage: schema_mutants.py COMMAND [ARGUMENT...]

Takes the records that COMMAND prints, breaks them in every way at every place,
and demands that each broken one is refused. Holds the schema to its own rules
too: every field described by a sentence, no object open to other fields, every
word it lists printed by the command. Exit status 1 names what was missed.
"""
import copy
import json
import subprocess
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is
from check_schema import Checker, NotARecord, load_schema

missed = []


def refused(checker, line):
    try:
        checker.line(line)
    except NotARecord:
        return True
    return False


def expect(good, words):
    if not good:
        missed.append(words)


def encode(record):
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def places(value, path=()):
    """Every (path, value) inside a record, the record first."""
    yield path, value
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, path + (key,))


def changed(record, path, change):
    """A copy of the record whose value at path is change(value)."""
    record = copy.deepcopy(record)
    if not path:
        return change(record)
    holder = record
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = change(holder[path[-1]])
    return record


def without(key):
    return lambda fields: {k: v for k, v in fields.items() if k != key}


def break_record(checker, record):
    """Every broken copy of one record is refused."""
    count = 0

    def must_refuse(path, change, words):
        nonlocal count
        count += 1
        name = ".".join(map(str, path)) or "record"
        broken = encode(changed(record, path, change))
        expect(refused(checker, broken), f"{name}: {words}")

    for path, value in places(record):
        if isinstance(value, dict):
            must_refuse(path, lambda v: {**v, "extra": None}, "a field too many")
            must_refuse(path, lambda v: dict(reversed(v.items())), "fields turned round")
            for key in value:
                if key not in ("source_b64", "member", "evidence"):
                    must_refuse(path, without(key), f"{key} left out")
        for wrong in (1.5, -1, "yes" if isinstance(value, bool) else True, {}, [1]):
            must_refuse(path, lambda v, w=wrong: w, f"{wrong!r} in its place")
    return count


def check_words(schema, records):
    """The words that the schema lists are the words that are printed."""
    fields = schema["properties"]
    for name, listed in (
            ("verdict", fields["verdict"]["enum"]), ("kind", fields["kind"]["enum"]),
            ("recipient_origin", schema["$defs"]["origin"]["enum"]),
            ("arrived_origin", schema["$defs"]["origin"]["enum"])):
        expect({r[name] for r in records} == set(listed), f"words of {name}")
    judged = [r["evidence"] for r in records if "evidence" in r]
    expect({e["whose"] for e in judged} == set(schema["$defs"]["evidence"]["properties"]["whose"]["enum"]),
           "words of whose")
    flags = {flag for r in records for flag in r["flags"]}
    expect(flags == set(fields["flags"]["items"]["enum"]), "words of flags")


def check_manners(schema):
    """Every object is closed, and every field is described by a sentence."""
    for path, value in places(schema):
        if not isinstance(value, dict):
            continue
        name = ".".join(map(str, path))
        if value.get("type") == "object" and "if" not in path and "then" not in path:
            expect(value.get("additionalProperties") is False, f"{name} is open")
            for key, field in value["properties"].items():
                text = field.get("description", "")
                expect(text.endswith(".") and ". " not in text, f"{name}.{key} undescribed")


def check_lines(checker, record):
    """What is no JSON, or not all of a line, is refused."""
    line = encode(record)
    head = b'{"source":"a",'
    rest = encode(without("source")(record))[1:]
    for words, broken in (
            ("no line end", line[:-1]), ("two records", line[:-1] + line),
            ("half a record", line[:len(line) // 2] + b"\n"), ("an empty line", b"\n"),
            ("a field twice", head + head[1:] + rest),
            ("bad UTF-8", b'{"source":"\xff",' + rest),
            ("half a surrogate pair", b'{"source":"\\ud800",' + rest),
            ("a raw control character", b'{"source":"\x01",' + rest),
            ("NaN", line.replace(b'"offset": 71', b'"offset": NaN')),
            ("null", b"null\n")):
        expect(broken != line and refused(checker, broken), words)
    expect(not refused(checker, head + rest), "a good line is taken")


def main(command):
    schema = load_schema()
    checker = Checker(schema)
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    records = [json.loads(line) for line in printed.split(b"\n")[:-1]]
    check_manners(schema)
    check_words(schema, records)
    check_lines(checker, records[0])

    full = [r for r in records if r["dsn"] and r["dsn"]["recipients"] and r["window"]]
    samples = [records[0], full[0]] + [r for r in full if "source_b64" in r][:1]
    expect(len(samples) == 3, "samples of every shape")
    samples += [r for r in records if len(r.get("evidence", {}).get("proofs", ())) > 1][:1]
    expect(len(samples) == 4, "a sample with proofs")
    count = sum(break_record(checker, r) for r in samples)
    for words, change in (
            ("junk without a window", {"window": None}),
            ("none with a kind",
             {"verdict": "none", "rule": None, "system": None, "window": None}),
            ("keep without a rule", {"verdict": "keep", "rule": None}),
            ("a time with an offset", {"arrived": "2008-05-13T08:00:00+02:00"}),
            ("an unknown origin", {"recipient_origin": "guess"}),
            ("an empty string", {"message_id": ""}),
            ("a flag twice", {"flags": ["deep", "deep"]}),
            ("an unknown flag", {"flags": ["odd"]})):
        expect(refused(checker, encode({**full[0], **change})), words)
    expect(refused(checker, encode({**samples[2], "source_b64": "abc"})), "torn base64")

    for words in missed:
        print(f"not refused: {words}", file=sys.stderr)
    print(f"{count} broken records, {len(missed)} missed")
    return 1 if missed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
