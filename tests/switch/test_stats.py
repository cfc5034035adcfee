#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_stats.py NDRSCAN NDRGEN DATA [MESSAGES] - are bounces counted once, whatever happens?

The same mail as mbox, Maildir and again, in runs that are killed, at once and without
room, comes to the counts that the generator's truth says. Says TAP.
"""
import collections
import os
import pathlib
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import datetime

PROGRAM, NDRGEN = (str(pathlib.Path(p).resolve()) for p in sys.argv[1:3])
RULES = pathlib.Path(sys.argv[3]).resolve() / "rules.yaml"
MESSAGES = sys.argv[4] if len(sys.argv) > 4 else "4000"  # fewer than 2,500 find room where there is to be none
WORK = tempfile.TemporaryDirectory(prefix="ndrscan-stats-")
FOLDER = pathlib.Path(WORK.name)
STORM = ["--storm", "example.com:80%:2008-05-13T08:00:00Z:2008-05-15T08:00:00Z"]


def make(form):
    subprocess.run([NDRGEN, "--seed", "7", "--messages", MESSAGES, "--bounces", "40", "--sizes", "storm", *STORM,
                    "--format", form, "--output", FOLDER / form, "--truth", FOLDER / (form + ".tsv")], check=True)


def truth():
    """{(domain, step): bounces}"""
    counts = collections.Counter()
    with open(FOLDER / "mbox.tsv", encoding="utf-8") as f:
        names = f.readline().rstrip("\n").split("\t")
        for line in f:
            row = dict(zip(names, line.rstrip("\n").split("\t")))
            if row["is_bounce"] == "yes":
                at = int(datetime.fromisoformat(row["arrived"].replace("Z", "+00:00")).timestamp())
                counts[row["domain"], at // 300 * 300] += 1
    return counts


def counted(db):
    with sqlite3.connect(db) as c:
        return collections.Counter({(name, step): n for name, step, n in c.execute(
            "SELECT name, step, sum(bounces) FROM domain JOIN count ON domain.id = domain "
            "GROUP BY 1, 2 HAVING sum(bounces) > 0")})


def start(db, *args, **more):
    return subprocess.Popen([PROGRAM, "scan", "--output", "paths", "--stats", db, *args],
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)


def scan(db, *args, status=0, **more):
    child = start(db, *args, **more)
    _, err = child.communicate()
    assert child.returncode == status, f"{child.returncode}: {err}"
    return err


def same_as_truth(db):
    """the counts are those of the generator's truth, step by step"""
    scan(db, FOLDER / "mbox")
    seen, want = counted(db), truth()
    # a mistake of the rules on some message is another test's matter
    assert sum(((seen - want) + (want - seen)).values()) <= sum(want.values()) // 200, (seen - want, want - seen)


def once(db):
    """mbox, Maildir, other outputs, one thread: nothing is counted twice"""
    scan(db, FOLDER / "mbox")
    first = counted(db)
    err = scan(db, FOLDER / "maildir")
    assert "statistics: 0 bounces are new" in err, err
    for more in (["--output", "jsonl"], ["-j", "1"], ["--emit", "all"], ["--output", "summary"]):
        assert "statistics: 0 bounces are new" in scan(db, FOLDER / "mbox", *more)
    assert counted(db) == first


def windows(db):
    """with windows what is junk is corrected, without them it is again"""
    (FOLDER / "w.yaml").write_text("windows: [{domain: example.com, from: 2008-05-13T08:00:00Z}]\n")
    scan(db, FOLDER / "mbox")
    first = counted(db)
    scan(db, "--windows", FOLDER / "w.yaml", FOLDER / "mbox")
    with sqlite3.connect(db) as c:
        junk = c.execute("SELECT sum(junk) FROM count").fetchone()[0]
    child = subprocess.run([PROGRAM, "scan", "-q", "--windows", FOLDER / "w.yaml", "--emit", "junk", "--output", "tsv",
                            FOLDER / "mbox"], capture_output=True, text=True, check=True)
    assert junk == len(child.stdout.splitlines()) - 1 > 0
    scan(db, FOLDER / "mbox")
    with sqlite3.connect(db) as c:
        assert c.execute("SELECT sum(junk) FROM count").fetchone()[0] == 0
    assert counted(db) == first


def killed(db):
    """runs that are killed, then one that is not, come to the same"""
    chance = random.Random(7)
    for _ in range(25):
        child = start(db, FOLDER / "mbox")
        time.sleep(chance.random() * 0.25)
        child.kill()
        child.communicate()
    scan(db, FOLDER / "mbox")
    assert counted(db) == REFERENCE


def stopped(db):
    """a run that was asked to stop keeps what it saw"""
    with subprocess.Popen([PROGRAM, "scan", "--output", "paths", "--stats", db, "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        mail = (FOLDER / "mbox").read_bytes()
        child.stdin.write(mail[:len(mail) // 4])
        child.stdin.flush()
        time.sleep(1)
        child.send_signal(signal.SIGTERM)
        child.communicate()
    assert child.returncode == 75
    assert 0 < sum(counted(db).values()) < sum(REFERENCE.values())


def in_passing(db):
    """filter, its server and apply count what they see, once, and mail passes whatever comes of it"""
    mbox = (FOLDER / "mbox").read_bytes()
    plain = subprocess.run([PROGRAM, "filter", "--format", "mbox"], input=mbox, capture_output=True, check=True).stdout

    def filtered(*words):
        return subprocess.run([PROGRAM, *words, "--format", "mbox"], input=mbox, capture_output=True, check=True)
    assert filtered("filter", "--stats", db).stdout == plain
    assert counted(db) == REFERENCE
    assert filtered("filter", "--stats", db).stdout == plain  # the same mail comes again
    assert "statistics: 0 bounces are new" in scan(db, FOLDER / "maildir") and counted(db) == REFERENCE
    done = filtered("filter", "--stats", FOLDER / "none" / "x.db")
    assert done.stdout == plain and b"without being counted" in done.stderr, done.stderr
    assert subprocess.run([PROGRAM, "filter", "--stats", db, "--clock", "now"], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False).returncode == 75

    # mail does not wait for who keeps the file; a few messages, so that waiting is what takes time
    few = mbox[:mbox.index(b"\n\nFrom ", len(mbox) // 20) + 2]

    def timed():
        began = time.monotonic()
        done = subprocess.run([PROGRAM, "filter", "--format", "mbox", "--stats", db], input=few, capture_output=True,
                              check=True)
        return done, time.monotonic() - began
    alone, usual = timed()
    with sqlite3.connect(db, isolation_level=None) as other:
        for lock in ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"):
            other.execute(lock)
            done, took = timed()
            other.execute("COMMIT")
            assert done.stdout == alone.stdout and b"without being counted" in done.stderr, done.stderr
            assert took - usual < 5, (took, usual)

    served, path = db.with_suffix(".served"), FOLDER / "socket"
    with subprocess.Popen([PROGRAM, "filter", "--stats", served, "--serve", path], stderr=subprocess.PIPE) as server:
        try:
            assert any(b"answering" in line for line in server.stderr)
            for name in sorted((FOLDER / "maildir" / "cur").iterdir())[:200]:
                with open(name, "rb") as message:
                    subprocess.run([PROGRAM, "client", "--socket", path, "filter"], stdin=message,
                                   stdout=subprocess.DEVNULL, check=True)
        finally:
            server.terminate()
        server.communicate()
    assert server.returncode == 0
    seen = counted(served)
    assert 20 < sum(seen.values()) and not seen - REFERENCE, seen - REFERENCE

    moved, box = db.with_suffix(".moved"), FOLDER / "moved"
    shutil.copytree(FOLDER / "maildir", box)
    (FOLDER / "w2.yaml").write_text("windows: [{domain: example.com, from: 2008-05-13T08:00:00Z}]\n")
    how = ["--windows", FOLDER / "w2.yaml", "--journal", FOLDER / "journal", *(
        ["--as-owner"] if os.getuid() == 0 else [])]
    if os.getuid() == 0:
        for path in (box, *box.rglob("*")):
            os.chown(path, 65534, 65534)
        os.chmod(FOLDER, 0o755)
    done = subprocess.run([PROGRAM, "apply", *how, "--stats", moved, box], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert counted(moved) == REFERENCE and (box / ".Junk" / "cur").exists(), done.stderr
    assert os.stat(moved).st_uid == os.getuid()
    done = subprocess.run([PROGRAM, "apply", *how, "--stats", moved, box], capture_output=True, text=True, check=False)
    assert "statistics: 0 bounces are new" in done.stderr and counted(moved) == REFERENCE, done.stderr


def at_once(db):
    """four runs at once over the same mail count it once"""
    children = [start(db, FOLDER / f) for f in ("mbox", "maildir") * 2]
    for child in children:
        _, err = child.communicate()
        assert child.returncode == 0, err
    assert counted(db) == REFERENCE
    for number in range(6):  # and make the file
        new = FOLDER / f"new{number}.db"
        children = [start(new, "--no-shipped-rules", "--rules", RULES, RULES.parent / "letter.eml") for _ in range(8)]
        for child in children:
            _, err = child.communicate()
            assert child.returncode == 0, err


def no_room(db):
    """without room the records are whole, it says so, and a later run completes"""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
    err = scan(db, FOLDER / "mbox", status=2, preexec_fn=limit)
    assert "they are not complete: scan the same mail again" in err, err
    scan(db, FOLDER / "mbox")
    assert counted(db) == REFERENCE


def refused(db):
    """what cannot be a file of statistics is refused before anything is scanned"""
    (FOLDER / "text").write_text("no database " * 100)
    for path, words in ((FOLDER / "text", "file is not a database"), (FOLDER, "Is a directory"),
                        (FOLDER / "none" / "s.db", "No such file"), ("/dev/null", "no regular file")):
        err = scan(path, FOLDER / "mbox", status=2)
        assert words in err, err
    err = scan(db, "--clock", "date", FOLDER / "mbox", status=2)
    assert "leave --clock out" in err, err


CASES = [same_as_truth, once, windows, killed, stopped, in_passing, at_once, no_room, refused]
for each in ("mbox", "maildir"):
    make(each)
scan(FOLDER / "reference.db", FOLDER / "mbox")
REFERENCE = counted(FOLDER / "reference.db")


def main():
    print(f"1..{len(CASES)}")
    bad = 0
    for number, case in enumerate(CASES, 1):
        try:
            case(FOLDER / f"{number}.db")
            print(f"ok {number} - {case.__doc__}")
        except AssertionError as e:
            bad += 1
            print(f"not ok {number} - {case.__doc__}")
            print(f"# line {e.__traceback__.tb_next.tb_lineno}: " + str(e).replace("\n", "\n# "))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
