#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Does a scan's JSONL output say what the generator's truth file says?

usage: check_truth.py [options] VERDICTS.jsonl TRUTH.tsv

VERDICTS is the output of `ndrscan scan --output jsonl` over one heap that
ndrgen wrote ("-" for standard input), with any --emit. A message that has no
record is taken as not a bounce.

Exit status: 0 they agree, 1 they differ, 2 bad input.
"""
import argparse
import collections
import csv
import json
import sys

FIELDS = ("bounce", "kind", "recipient", "domain", "arrived", "offset", "length")


def key_of(record, by_offset):
    """The truth's `where` of a record."""
    if by_offset:
        return str(record["offset"])
    path = record.get("member") or record["source"]
    parts = path.split("/")
    if len(parts) > 1 and parts[-2] in ("cur", "new"):
        return "/".join(parts[-2:])
    return parts[-1]


def read_truth(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    by_offset = all(row["where"].isdigit() for row in rows)
    table = {}
    for row in rows:
        where = row["where"]
        if where.startswith("Maildir/"):
            where = where[len("Maildir/"):]
        table[where] = row
    if len(table) != len(rows):
        sys.exit("check_truth: two rows of the truth are at one place")
    return table, by_offset


def differences(row, record, check):
    """Names of the checked fields in which a record differs from its truth."""
    found = set()
    bounce = row["is_bounce"] == "yes"
    said = record is not None and record["verdict"] != "none"
    if bounce != said:
        found.add("bounce")
    if record is None:
        return found & check
    if bounce and said and record["kind"] != row["kind"]:
        found.add("kind")
    for name in ("recipient", "domain", "arrived"):
        value = record[name]
        if value is None and not said:
            continue  # facts are not looked up for what is no bounce
        if value != row[name]:
            found.add(name)
    if str(record["length"]) != row["length"]:
        found.add("length")
    if row["where"].isdigit() and str(record["offset"]) != row["where"]:
        found.add("offset")
    return found & check


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verdicts")
    parser.add_argument("truth")
    parser.add_argument("--skip", default="", metavar="FIELD,…",
                        help="do not check these of " + " ".join(FIELDS))
    parser.add_argument("--list", type=int, default=20, metavar="N",
                        help="show so many differences (default 20)")
    parser.add_argument("--quiet", action="store_true", help="no table when all agree")
    args = parser.parse_args()
    skip = set(filter(None, args.skip.split(",")))
    if skip - set(FIELDS):
        parser.error("unknown field in --skip")
    check = set(FIELDS) - skip

    truth, by_offset = read_truth(args.truth)
    records, strangers = {}, 0
    with (sys.stdin if args.verdicts == "-" else open(args.verdicts, encoding="utf-8")) as file:
        for line in file:
            record = json.loads(line)
            key = key_of(record, by_offset)
            if key not in truth or key in records:
                strangers += 1
                print("no such message in the truth, or told twice:", key)
            records[key] = record

    count = collections.defaultdict(collections.Counter)
    rules = collections.defaultdict(collections.Counter)
    shown = bad = 0
    for where, row in truth.items():
        record = records.get(where)
        wrong = differences(row, record, check)
        column = count[row["kind"] == "none", row["dialect"]]
        column["messages"] += 1
        column.update(wrong)
        if record is not None and record["rule"] is not None:
            rules[row["dialect"]][record["rule"]] += 1
        if wrong:
            bad += 1
            if shown < args.list:
                shown += 1
                said = {name: record[name] for name in
                        ("verdict", "kind", "rule", "recipient", "arrived", "length")} \
                    if record is not None else "no record"
                print(f"differs in {','.join(sorted(wrong))}: {row['number']} {where} "
                      f"{row['dialect']} {row['kind']} {row['recipient']} {row['arrived']} "
                      f"{row['length']} <> {said}")
    if bad or strangers or not args.quiet:
        print(f"{'dialect':18} {'messages':>8} " + " ".join(f"{f:>9}" for f in FIELDS) +
              "  named as")
        for (_, name), column in sorted(count.items()):
            named = ", ".join(f"{rule} {n}" for rule, n in rules[name].most_common(4))
            print(f"{name:18} {column['messages']:8} " +
                  " ".join(f"{column[f]:9}" for f in FIELDS) + "  " + named)
    print(f"{len(truth)} messages, {bad} differ, {strangers} unknown records")
    return 1 if bad or strangers or not truth else 0


if __name__ == "__main__":
    sys.exit(main())
