#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""compare.py - do ndrscan and the slow oracle say the same about the same mail?

usage: compare.py [--ndrscan PATH] [--rules DIR|FILE] [--windows FILE] [--first N]
                  [--files-from FILE] [--examples] [--make NDRGEN] [--mutants N] [--seed N]
                  [--oracle-every N] [--keep DIR] SOURCE...

A SOURCE is a message file, an mbox, a Maildir or a folder of message files; a folder
with a LABELS.tsv stands for the files that it names; --examples adds the examples of the
rules, --make what bench/ndrgen writes. --mutants N compares N damaged copies of each
message too, the same ones for the same seed. With --oracle-every N the slow oracle reads but each Nth of the
files and of what ndrgen makes, ndrscan all. Prints the first N differences and a count of
each kind of difference. Exit status: 0 none, 1 some, 2 a scan failed, 77 the only folder
named is not there.
"""
import argparse
import collections
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from sample import sample # pylint: disable=wrong-import-position

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


def examples_of(rules):
    names = sorted(os.listdir(rules)) if os.path.isdir(rules) else [""]
    for name in names:
        if name and not name.endswith(".yaml"):
            continue
        with open(os.path.join(rules, name) if name else rules, encoding="utf-8") as f:
            for rule in (yaml.safe_load(f) or {}).get("rules") or []:
                for which in ("hit", "miss"):
                    for i, text in enumerate((rule.get("examples") or {}).get(which) or []):
                        yield "%s.%s%d" % (rule["id"], which, i), text.encode("utf-8")


ODD = (b"\r", b"\x00", b"\xff", b"\xc3", b"=", b"=?utf-8?Q?=E4?=", b"--b1", b"<", b">", b"\"",
       b"(", b";", b"&amp;", b"<br>", b"\n\n", b"\n", b" ", b"From ", b">From x\n", b"\xe3\x80\x80")


def mutant(data, rng):
    """The message with one to three things wrong with it."""
    for _ in range(rng.randint(1, 3)):
        lines, at = data.split(b"\n"), rng.randrange(len(data) + 1)
        k = rng.randrange(len(lines))
        how = rng.randrange(10)
        if how == 0:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        elif how == 1:
            data = data.replace(b"\n", b"\r")
        elif how == 2:
            data = b"\n".join(lines[:k] + lines[k + 1:])
        elif how == 3:
            data = b"\n".join(lines[:k] + lines[k:k + 1] * 2 + lines[k + 1:])
        elif how == 4:
            data = data[:at]
        elif how == 5:
            rng.shuffle(lines)
            data = b"\n".join(lines)
        elif how == 6:
            data = b"\n".join(lines[:k] + [b" " + lines[k]] + lines[k + 1:])
        elif how == 7:
            data = data[:at] + data[at + 1:]
        else:
            data = data[:at] + rng.choice(ODD) + data[at:]
    return data


def made(ndrgen, folder, seed, count):
    path = os.path.join(folder, "made.mbox")
    subprocess.run([ndrgen, "--messages", str(count), "--bounces", "60", "--lookalikes", "20",
                    "--languages", "en=4,de=2,fr=1,es=1,ja=1,ru=1", "--sizes", "storm",
                    "--seed", str(seed), "--output", path], check=True)
    return path


def write_all(folder, messages):
    for name, data in messages:
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, (1200000000, 1200000000))
        yield path


def records(command, paths, refused=None):
    """By name and number; those that it says are no mail are put into `refused`."""
    run = subprocess.run(command, input="".join(p + "\n" for p in paths).encode(),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = run.stderr.decode("utf-8", "replace")
    sys.stderr.write(said)
    if refused is not None:
        refused.update(re.findall(r"^ndrscan: (.*): is .*, not mail;", said, re.MULTILINE))
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
    dsn = ours.get("dsn") or {}
    if dsn.get("recipients") and not (theirs.get("dsn") or {}).get("recipients") \
            and plain(ours["verdict"]) == plain(theirs["verdict"]):
        # the oracle looks for recipients neither in the text, nor in a message in the message,
        # nor in an attachment; their codes and actions may say the kind
        theirs = dict(theirs, kind=ours["kind"], dsn=dict(dsn))
    bounce = plain(ours["verdict"]) or plain(theirs["verdict"])
    for name in FIELDS if bounce else FIELDS[:3]:
        if plain(ours.get(name)) != plain(theirs.get(name)):
            yield name, ours.get(name), theirs.get(name)
    if not bounce:
        return
    # what stands in the text alone is not compared
    mine, other = ([] if dsn.get("from_text") else dsn.get("recipients") or []
                   for dsn in (r.get("dsn") or {} for r in (ours, theirs)))
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
    p.add_argument("--examples", action="store_true")
    p.add_argument("--make", metavar="NDRGEN")
    p.add_argument("--mutants", type=int, default=0)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--oracle-every", type=int, default=1)
    p.add_argument("--keep", help="leave the mutants in this folder")
    p.add_argument("source", nargs="*")
    opts = p.parse_args()
    if len(opts.source) == 1 and not os.path.exists(opts.source[0]):
        print("skipped: %s is not there" % opts.source[0])
        return 77
    with tempfile.TemporaryDirectory() as folder:
        return compare(opts, opts.keep or folder)


def compare(opts, folder):
    extra = ["--rules", opts.rules] + (["--windows", opts.windows] if opts.windows else [])
    paths = list(paths_of(opts.source))
    if opts.files_from:
        with open(opts.files_from, encoding="utf-8") as f:
            paths += [line.rstrip("\n") for line in f]
    if opts.make:
        paths.append(made(opts.make, folder, opts.seed, 3000 // opts.oracle_every))
    if opts.examples:
        paths += write_all(folder, examples_of(opts.rules))
    if opts.mutants:
        rng, damaged = random.Random(opts.seed), []
        for i, path in enumerate(paths):
            with open(path, "rb") as f:
                data = f.read(64 * 1024)
            damaged += [("m%d-%d" % (i, k), mutant(data, rng)) for k in range(opts.mutants)]
        paths += write_all(folder, damaged)

    read = sample(paths, opts.oracle_every)
    common = ["--emit", "all", "--files-from", "-"] + extra
    refused = set()
    ours = records([opts.ndrscan, "scan", "--quiet", "--output", "jsonl",
                    "--no-shipped-rules"] + common, paths, refused)
    theirs = records([os.path.join(HERE, "slow_scan.py")] + common, read)
    both = set(read) - refused  # what is no mail it says aloud; the oracle reads anything
    ours = {key: r for key, r in ours.items() if key[0] in both}
    theirs = {key: r for key, r in theirs.items() if key[0] in both}

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
