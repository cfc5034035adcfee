#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_pieces_proofs.py NDRSCAN CLUSTER - is a captured mail believed by many workers as by one run?

Mails of ours that came back for 19, 20 and 21 recipients, their bounces spread over the
pieces: blocks of a large mbox, frames, a Maildir, small files, some of them twice. A plan
that is made with --count-first has its workers count, then judge: byte for byte what one
run with --count-first writes, whatever the number of workers and whoever is killed.
"""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from captured import CROWDS, bounce, make, mbox
from mailbox import Scan, done, ok

SIZE = ["--piece-size", "1M"]


class Case:
    """One scan by a plan, in folders of its own."""

    def __init__(self, s, name, *asked):
        self.s, self.plan, self.out = s, f"{name}.plan", name
        self.identity = ["--identity", "id.yaml", "--sent", "sent"]
        self.asked = [*self.identity, "--windows", "w.yaml", *asked, "-r", "mail"]
        self.planned = s.scan("--plan", self.plan, "--count-first", *SIZE, *self.asked)

    def one(self):
        return self.s.scan("--count-first", *self.asked)

    def words(self, shard, *more):
        return ["--plan", self.plan, "--shard", shard, "--out-dir", self.out, *self.identity, *more]

    def all(self, shards, *more):
        return [self.s.scan(*self.words(f"{k}/{shards}", *more)) for k in range(shards)]


def told(runs):
    return "\n".join(f"{r.returncode} {r.stderr.decode()}" for r in runs)


def same_as_one_run(s):
    whose = None
    for n, asked in ((1, []), (3, ["--emit", "junk"]), (16, []), (2, ["--output", "tsv"]), (3, ["--output", "paths"])):
        c = Case(s, f"same{n}{len(asked)}{asked[-1:]}", *asked)
        one = c.one()
        counting = c.all(n, "--count-first", *(["--zstd"] if n == 3 else []))
        judging = c.all(n)
        merged = s.merge(c.out)
        ok(merged.stdout == one.stdout and one.stdout and
           [r.returncode for r in counting + judging] == [0] * 2 * n and merged.returncode == one.returncode,
           f"{n} workers count, then judge ({' '.join(asked)}): the bytes of one run", told([*counting, *judging, merged]))
        if whose is None:
            records = [json.loads(line) for line in one.stdout.splitlines()]
            whose = {crowd: {r["evidence"]["whose"] for r in records if r["message_id"].startswith(f"{crowd}-")}
                     for crowd in CROWDS}
            ok(whose == {19: {"ours"}, 20: {"ours"}, 21: {"unknown"}},
               "mail that came back for 20 is believed, for 21 nowhere", str(whose))
            tables = [s.run(*w).stderr.decode().splitlines() for w in (
                ["scan", "--count-first", *c.asked], ["merge", c.out])]
            tables = [[line for line in t if not line.startswith(("messages ", "ndrscan: "))] for t in tables]
            ok(tables[0] == tables[1], "the table is that of one run", "\n".join(tables[1]))
    return c


def another_number(s):
    """Counts are of use to whatever number of workers comes."""
    c = Case(s, "change")
    c.all(3, "--count-first")
    counts = {p: p.stat().st_mtime_ns for p in (s.root / c.out).glob("??/*.proofs*")}
    again = c.all(16, "--count-first")
    ok(counts and all(p.stat().st_mtime_ns == at for p, at in counts.items()) and
       len(list((s.root / c.out).glob("??/*.proofs*"))) == len(counts), "16 workers count no piece that 3 counted", told(again))
    c.all(1)
    results = {p: p.stat().st_mtime_ns for p in (s.root / c.out).glob("??/*.jsonl*")}
    c.all(5)
    ok(len(results) == len(counts) and all(p.stat().st_mtime_ns == at for p, at in results.items()) and
       s.merge(c.out).stdout == c.one().stdout, "nor do they judge one again")
    listed = s.scan(*c.words("0/1", "--count-first", "--list-shard")).stdout.decode().splitlines()
    ok(sorted(line.split("\t")[1] for line in listed) == sorted(p.relative_to(s.root / c.out).as_posix() for p in counts),
       "--list-shard names the counts", "\n".join(listed))
    united = next((s.root / c.out).glob("proofs-*"))
    was = united.read_bytes()
    united.unlink()
    c.all(2, "--force")
    ok(united.read_bytes() == was and b" over\n" in was, "who judges unites them, where nobody has", str(was))
    united.write_bytes(was[:-4])
    ok(told(c.all(1)) == "0 " and united.read_bytes() == was, "and anew, where what was united is torn")
    return c


def refused(s):
    c = Case(s, "refused")
    early = c.all(2)
    ok([r.returncode for r in early] == [65, 65] and b"mail/a.mbox" in early[0].stderr and
       b"--count-first" in early[0].stderr and not list((s.root / c.out).glob("??/*.jsonl")),
       "nobody judges before all have counted: 65, by name", told(early))
    first = s.scan(*c.words("0/2", "--count-first"))
    half = s.scan(*c.words("0/2"))
    ok(first.returncode == 0 and half.returncode == 65 and b"were not counted yet" in half.stderr,
       "nor when some have", told([first, half]))
    s.scan(*c.words("1/2", "--count-first"))
    counts = max((s.root / c.out).glob("??/*.proofs"), key=lambda p: p.stat().st_size)
    united = next((s.root / c.out).glob("proofs-*"))
    data = counts.read_bytes()
    at = data.index(b"\n") + 3
    for what, changed in (("changed", data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]), ("cut", data[:-9]), ("empty", b""),
                          ("of another piece", next(p for p in (s.root / c.out).glob("??/*.proofs") if p != counts).read_bytes()),
                          ("made with other windows", data.replace(b'"windows":"', b'"windows":"0'))):
        counts.write_bytes(changed)
        united.unlink(missing_ok=True)
        r = s.scan(*c.words("0/1"))
        ok(r.returncode == 65 and counts.name.encode() in r.stderr and not list((s.root / c.out).glob("??/*.jsonl")),
           f"counts that are {what} are refused by name", told([r]))
    counts.unlink()
    c.all(1, "--count-first")
    c.all(1)
    ok(counts.read_bytes() == data and s.merge(c.out).stdout == c.one().stdout, "counted again, all is well")
    result = next((s.root / c.out).glob("??/*.jsonl"))
    whole = result.read_bytes()
    result.write_bytes(whole.replace(b'"proofs_xxh3":"', b'"proofs_xxh3":"0', 1).replace(b'"proofs_xxh3":"0', b'"proofs_xxh3":"', 1)
                       .replace(json.loads(whole.splitlines()[-1])["proofs_xxh3"].encode(), b"0" * 16))
    r = s.merge(c.out)
    ok(r.returncode == 65 and b"other counts of weak proofs" in r.stderr and not r.stdout,
       "merge refuses what was judged by other counts", told([r]))
    c.all(1)
    ok(result.read_bytes() == whole and s.merge(c.out).returncode == 0, "and a worker judges that again")
    for words, word in ((["--out-dir", "x", "--count-first", "mail"], b"--plan DIR"),
                        (["--out-dir", "x", "--count-proofs", "mail"], b"know nothing of each other"),
                        (["--plan", "plain", "--out-dir", "x", "--count-first"], b"was not made with --count-first")):
        s.scan("--plan", "plain", "mail/a.mbox")
        r = s.scan(*words)
        ok(r.returncode == 2 and word in r.stderr, f"scan {' '.join(words)}: 2", told([r]))
    s.scan("--plan", "none", "--count-first", "mail/a.mbox")
    r = [s.run("scan", "--plan", "none", "--out-dir", "none.out", "--count-first"), s.scan("--plan", "none", "--out-dir", "none.out")]
    ok([x.returncode for x in r] == [0, 0] and b"nothing is to be counted" in r[0].stderr and s.merge("none.out").stdout,
       "without an identity nothing is counted, and that is said", told(r))
    moved = s.root / c.plan / "counted"
    moved.write_bytes(moved.read_bytes() + b"\n")
    r = s.scan(*c.words("0/1"))
    ok(r.returncode == 2 and b"count-first" in r.stderr, "what had been counted is pinned by the plan", told([r]))


def changed_mail(s):
    """Mail that comes to a piece after it was counted is judged by what was counted."""
    c, more = Case(s, "later"), Case(s, "later16")
    c.all(2, "--count-first")
    c.all(2)
    before = s.merge(c.out).stdout
    more.all(16, "--count-first")
    new = s.root / "mail" / "Maildir" / "new" / "1528714801.1.mx"
    new.write_text(bounce(20, 99))
    judging = [*c.all(1, "--force"), *more.all(16)]
    merged = s.merge(c.out)
    ok(merged.stdout == s.merge(more.out).stdout != before and len(merged.stdout.splitlines()) == len(before.splitlines()) + 1 and
       b'"replay"' in merged.stdout and b"changed between the plan" in merged.stderr,
       "what comes after the counting is judged by it, the same by 1 worker and by 16", told([*judging, merged]))
    united, fewer = (next((s.root / x.out).glob("proofs-*")) for x in (c, more))
    old = united.read_bytes()
    counting, judging = c.all(3, "--count-first", "--force"), c.all(3)
    again = united.read_bytes()
    ok(s.merge(c.out).stdout == c.one().stdout != merged.stdout, "counted again, all are judged again", told([*counting, *judging]))
    united.write_bytes(old)
    judging = c.all(3, "--force")
    ok(s.merge(c.out).stdout == c.one().stdout and united.read_bytes() == again != old,
       "what a slow worker united and put over newer counts is noticed, and united anew", told(judging))
    was = fewer.read_bytes()
    for what, damaged in (("torn", was.splitlines(True)[0] + again.split(b"\n", 1)[1][:-4]),
                          ("of another head", again.splitlines(True)[0] + was.split(b"\n", 1)[1]), ("of no head", b"x")):
        fewer.write_bytes(damaged)
        judging = more.all(1, "--force")
        ok(s.merge(more.out).stdout == merged.stdout and fewer.read_bytes() == was,
           f"nothing counts of a united one that is {what}, its first entries neither", told(judging))
    new.unlink()


def counted_before(s):
    """What filter and others of this user counted is read, as one run reads it."""
    home = {"XDG_STATE_HOME": str(s.root / "state")}
    one = s.root / "one.mbox"
    one.write_text(mbox([bounce(20, 77), bounce(20, 78)]))
    counted = s.scan("--identity", "id.yaml", "--sent", "sent", "--windows", "w.yaml", "--count-proofs", "one.mbox", **home)
    s.env.update(home)
    c = Case(s, "before")
    del s.env["XDG_STATE_HOME"]
    c.all(3, "--count-first") # of a user who has counted nothing
    c.all(3)
    s.env.update(home)
    want = c.one()
    del s.env["XDG_STATE_HOME"]
    plain = c.one()
    ok(counted.returncode == 0 and s.merge(c.out).stdout == want.stdout != plain.stdout,
       "what had been counted before the plan was made counts", told([counted, want]))


def killed(s):
    """Killed at any moment, while they count and while they judge."""
    rng = random.Random(18)
    c = Case(s, "killed")
    one = c.one().stdout
    began = time.monotonic()
    s.scan(*Case(s, "span").words("0/1", "--count-first"))
    span = time.monotonic() - began

    def kill(times, *more):
        for _ in range(times):
            n = rng.choice((1, 3, 16))
            child = subprocess.Popen([s.program, "scan", "-q", *c.words(f"{rng.randrange(n)}/{n}", *more)], cwd=s.root,
                                     env=s.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * span)
            child.kill()
            child.wait()

    kill(10, "--count-first")
    counting = c.all(3, "--count-first")
    kill(10)
    judging = c.all(16)
    ok(s.merge(c.out).stdout == one, "20 kills, and numbers of workers that change: the bytes of one run",
       told([*counting, *judging]))
    left = [p.name for p in (s.root / c.out).rglob("*") if p.name.startswith(".")]
    ok(left == [], "nothing else is left behind", str(left))


def recipes(s, cluster):
    """What ndrscan-cluster(7) says to do."""
    job = (cluster / "indexed-job.yaml").read_text()
    if shutil.which("parallel") is None or "GNU" not in subprocess.run(["parallel", "--version"], text=True, check=False,
                                                                      capture_output=True).stdout:
        ok(True, "GNU parallel # SKIP it is not there (Debian: parallel)")
    else:
        (s.root / "bin").mkdir()
        (s.root / "bin" / "ndrscan").write_text(
            f'#!/bin/sh\nexec {s.program} "$@" --identity id.yaml --sent sent\n')
        (s.root / "bin" / "ndrscan").chmod(0o755)
        c = Case(s, "parallel")
        r = subprocess.run([cluster / "parallel-scan", c.plan, c.out, "4"], cwd=s.root, capture_output=True, text=True,
                           check=False, env=dict(s.env, PATH=f"{s.root}/bin:{os.environ['PATH']}"))
        ok(r.returncode == 0 and s.merge(c.out).stdout == c.one().stdout, "parallel-scan counts first by itself", r.stderr)
    page = (cluster.parents[0] / "man" / "ndrscan-cluster.7.scd").read_text()
    line = next(line for line in page.splitlines() if line.startswith("sed "))
    made = subprocess.run(line.split("|kubectl")[0].rsplit(" | ", 1)[0].replace("@datadir@/ndrscan/cluster", str(cluster)),
                          shell=True, text=True, capture_output=True, check=False)
    ok(made.stdout != job and "name: ndrscan-count\n" in made.stdout and '"--count-first"]' in made.stdout and
       made.stdout.count("\n") == job.count("\n"), "the job that counts differs from the one that judges by its name and an option",
       made.stdout + made.stderr)


def main():
    with tempfile.TemporaryDirectory(prefix="ndrscan-proofs-") as name:
        s = Scan(sys.argv[1], pathlib.Path(name))
        s.env["XDG_STATE_HOME"] = str(s.root / "nobody")
        make(s)
        same_as_one_run(s)
        another_number(s)
        refused(s)
        changed_mail(s)
        counted_before(s)
        killed(s)
        recipes(s, pathlib.Path(sys.argv[2]).resolve())
    done()


if __name__ == "__main__":
    main()
