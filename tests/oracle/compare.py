#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare.py - do ndrscan and the slow oracle say the same about the same mail?

usage: compare.py [--ndrscan PATH] [--rules DIR|FILE] [--windows FILE] [--first N]
                  [--files-from FILE] SOURCE...

A SOURCE is a message file, an mbox, a Maildir or a folder of message files; a folder
with a LABELS.tsv stands for the files that it names. Prints the first N differences and
a count of each kind of difference. Exit status: 0 none, 1 some, 2 a scan failed.
"""
import argparse
import collections
import csv
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = ("verdict", "kind", "rule", "recipient", "domain", "arrived")
DSN_FIELDS = ("final", "original", "action", "status", "diagnostic", "remote_mta")


def paths_of(sources):
    for source in sources:
        labels = os.path.join(source, "LABELS.tsv")
        if os.path.isfile(labels):
            with open(labels, encoding="utf-8", newline="") as f:
                for row in csv.DictReader(f, delimiter="\t"):
                    yield os.path.join(source, row["path"])
        elif os.path.isdir(source):
            inner = [d for d in ("new", "cur") if os.path.isdir(os.path.join(source, d))]
            for folder in [os.path.join(source, d) for d in inner] or [source]:
                for name in sorted(os.listdir(folder)):
                    if os.path.isfile(os.path.join(folder, name)):
                        yield os.path.join(folder, name)
        else:
            yield source


def records(command, paths):
    run = subprocess.run(command, input="".join(p + "\n" for p in paths).encode(),
                         stdout=subprocess.PIPE)
    if run.returncode not in (0, 1):
        sys.exit("compare: %s: exit status %d" % (command[0], run.returncode))
    found = {}
    for line in run.stdout.decode("utf-8").splitlines():
        r = json.loads(line)
        found[r["source"], r["index"]] = r
    return found


def plain(value):
    """Empty, null and "none" are one and the same absence."""
    return "" if value in (None, "none", "null") else value


def differences(ours, theirs):
    """(name, ndrscan's, oracle's) of each field that differs; facts only of bounces."""
    if (ours is None) or (theirs is None):
        yield "record", "there" if ours else "missing", "there" if theirs else "missing"
        return
    bounce = plain(ours["verdict"]) or plain(theirs["verdict"])
    for name in FIELDS if bounce else FIELDS[:3]:
        if plain(ours.get(name)) != plain(theirs.get(name)):
            yield name, ours.get(name), theirs.get(name)
    if not bounce:
        return
    mine, other = ((r.get("dsn") or {}).get("recipients") or [] for r in (ours, theirs))
    if len(mine) != len(other):
        yield "dsn recipients", len(mine), len(other)
        return
    for a, b in zip(mine, other):
        for name in DSN_FIELDS:
            if plain(a.get(name)) != plain(b.get(name)):
                yield "dsn " + name, a.get(name), b.get(name)


def main():
    p = argparse.ArgumentParser(description="hold ndrscan against the slow oracle")
    p.add_argument("--ndrscan", default=os.path.join(HERE, "../../build/tools/ndrscan"))
    p.add_argument("--rules", default=os.path.join(HERE, "../../rules/ndr"))
    p.add_argument("--windows")
    p.add_argument("--first", type=int, default=20)
    p.add_argument("--files-from")
    p.add_argument("source", nargs="*")
    opts = p.parse_args()
    extra = ["--rules", opts.rules] + (["--windows", opts.windows] if opts.windows else [])
    paths = list(paths_of(opts.source))
    if opts.files_from:
        with open(opts.files_from, encoding="utf-8") as f:
            paths += [line.rstrip("\n") for line in f]

    common = ["--emit", "all", "--files-from", "-"] + extra
    ours = records([opts.ndrscan, "scan", "--quiet", "--output", "jsonl",
                    "--no-shipped-rules"] + common, paths)
    theirs = records([os.path.join(HERE, "slow_scan.py")] + common, paths)

    count, shown, differing = collections.Counter(), 0, 0
    for key in sorted(set(ours) | set(theirs)):
        found = list(differences(ours.get(key), theirs.get(key)))
        differing += bool(found)
        count.update(name for name, _, _ in found)
        if found and shown < opts.first:
            shown += 1
            print("%s %d" % key)
            for name, mine, other in found:
                print("    %s: ndrscan %s, oracle %s" % (name, json.dumps(mine, ensure_ascii=False),
                                                       json.dumps(other, ensure_ascii=False)))
    print("%d messages, %d differ%s" % (len(theirs), differing, "".join(
        "; %s %d" % item for item in count.most_common())))
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
