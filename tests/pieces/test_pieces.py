#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_pieces.py NDRSCAN NDRGEN - is a scan that is shared out the same as one run?"""
import datetime
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile

from mailbox import WINDOWS, Scan, done, make, ok

SIZE = ["--piece-size", "1M"]


def results(folder):
    """The results in a folder: path -> bytes."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.glob("??/*.json*") if p.is_file()}


def end_of(data):
    return json.loads(data.rstrip(b"\n").rsplit(b"\n", 1)[-1])


def same_as_one_run(s):
    """Each output and choice of records, by plan and without, whatever the number of workers."""
    for output, emit, more, shards in (("jsonl", "bounces", [], 1), ("jsonl", "all", ["--zstd"], 3),
                                       ("jsonl", "junk", [], 16), ("tsv", "bounces", [], 3),
                                       ("tsv", "all", ["--zstd"], 2), ("paths0", "all", ["--zstd"], 3),
                                       ("jsonl", "suspects", [], 2)): # paths, which leaves a name out: see below
        asked = ["--output", output, "--emit", emit, "--windows", "w.yaml", "-r"]
        one = s.scan(*asked, "mail")
        for plan in (False, True):
            out = s.root / "out"
            shutil.rmtree(out, ignore_errors=True)
            shutil.rmtree(s.root / "plan", ignore_errors=True)
            if plan:
                s.scan("--plan", "plan", *SIZE, *asked, "mail")
            said = ["--plan", "plan"] if plan else [*SIZE, *asked, "mail"]
            ends = [s.scan(*said, "--shard", f"{k}/{shards}", "--out-dir", "out", *more) for k in range(shards)]
            merged = s.merge("out")
            ok(merged.stdout == one.stdout and [e.returncode for e in ends] == [0] * shards and
               merged.returncode == one.returncode,
               f"{output} of {emit}, {shards} workers{', by a plan' if plan else ''}: the bytes of one run",
               merged.stderr.decode() + ends[0].stderr.decode())


def page_of_all(s, asked):
    """merge --html: records, sums and the page of report, in one command."""
    folders = ["counted3.0", "counted3.1"]
    plain, page = s.merge(*folders), s.root / "all.html"
    (s.root / "temporary").mkdir()
    r = s.run("merge", "-q", "--html", "all.html", *folders, TMPDIR=str(s.root / "temporary"))
    ok(r.returncode == 0 and r.stdout == plain.stdout and b"<h1>Bounces by domain</h1>" in page.read_bytes() and
       not r.stderr and not list((s.root / "temporary").iterdir()), "merge writes the page, too, and leaves nothing else", r.stderr.decode())
    db = sqlite3.connect(s.root / "16.db")
    first, last = (db.execute(f"SELECT {f}(step) FROM count").fetchone()[0] for f in ("min", "max"))
    stamp = [datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for t in (first, last + 300)]
    s.run("report", "--windows", "w.yaml", "--stats", "16.db", "--since", stamp[0], "--at", stamp[1], "--html", "told.html")
    ok(page.read_bytes() == (s.root / "told.html").read_bytes(), "it is that of report over the whole time", str(stamp))
    page.unlink()
    r = s.run("merge", "--html", "all.html", "--stats", "kept.db", "-o", "kept.jsonl", *folders)
    ok(r.returncode == 0 and (s.root / "kept.jsonl").read_bytes() == plain.stdout and rows_of(s.root / "kept.db") == rows_of(s.root / "16.db") and
       page.read_bytes() == (s.root / "told.html").read_bytes() and b"bounces are new" in r.stderr,
       "with --stats the counts stay, as stats merge has them", r.stderr.decode())
    page.unlink()
    r = s.run("merge", "--html", "all.html", "-o", "kept.jsonl", *folders)
    ok(r.returncode == 2 and b"kept.jsonl" in r.stderr and not page.exists(), "a file that is there already is told before a page is written",
       r.stderr.decode())
    r = s.run("merge", "nowhere")
    ok(r.returncode == 2 and b"--out-dir nowhere" in r.stderr, "results that are not there: who makes them", r.stderr.decode())
    r = s.run("scan", *asked, "--shard", "0/3", "--out-dir", "counted3.0")
    ok(r.returncode == 0 and b" pieces are done already" in r.stderr and b"messages" not in r.stderr,
       "a worker that has nothing left to do tells no table of nothing", r.stderr.decode())
    r = s.run("merge", "--html", "all.html", "counted3.0")
    ok(r.returncode == 65 and not r.stdout and not page.exists(), "where a piece is missing there is no page", r.stderr.decode())
    r = s.run("merge", "--html", "nowhere/all.html", *folders)
    ok(r.returncode == 2 and not r.stdout and b"nowhere" in r.stderr, "nor records where it cannot be written", r.stderr.decode())
    r = s.run("merge", "--html", "all.html", *folders, TMPDIR=str(s.root / "nowhere"))
    ok(r.returncode == 75 and not r.stdout and b"TMPDIR" in r.stderr, "no room for counts is told with a remedy", r.stderr.decode())


def rows_of(path):
    """What a file of statistics holds, but for when it was last written."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = [sorted(db.execute(text)) for text in (
        "SELECT name, step, kind, bounces, junk FROM domain JOIN count ON domain.id = count.domain",
        "SELECT step, id, what FROM seen", "SELECT seen, horizon, former FROM state",
        "SELECT name FROM sqlite_master WHERE type = 'table'")]
    db.close()
    return rows


def statistics(s):
    """United, they are those of one run, whoever found what."""
    asked = [*SIZE, "--windows", "w.yaml", "-r", "mail"]
    s.scan("--windows", "w.yaml", "-r", "--stats", "one.db", "--output", "summary", "mail")
    one = rows_of(s.root / "one.db")
    ok(sum(row[3] for row in one[0]) > 100, "one run counts", str(one[2]))
    for shards in (1, 3, 16):
        out = [f"counted{shards}.{k % 2}" for k in range(shards)]
        for k in reversed(range(shards)):
            s.scan(*asked, "--shard", f"{k}/{shards}", "--out-dir", out[k])
        r = s.run("stats", "merge", "--stats", f"{shards}.db", *sorted(set(out), reverse=shards == 3))
        ok(r.returncode == 0 and rows_of(s.root / f"{shards}.db") == one, f"statistics of {shards} workers are those of one run",
           r.stderr.decode())
    r = s.run("stats", "merge", "--stats", "3.db", "counted1.0")
    ok(r.returncode == 0 and rows_of(s.root / "3.db") == one and b" 0 bounces are new" in r.stderr,
       "the same again is counted once", r.stderr.decode())
    r = s.run("stats", "merge", "--stats", "3.db", "counted3.0", "counted3.1", "counted1.0")
    ok(r.returncode == 0 and rows_of(s.root / "3.db") == one, "and so is a piece of which there are two results", r.stderr.decode())
    time = ["--since", "2008-05-01", "--at", "2008-06-01"]
    told = [s.run("report", "--no-windows", "--stats", f"{n}.db", *time, *more).stdout for n in ("one", 16)
            for more in ([], ["--output", "json"])]
    ok(told[0] == told[2] and told[1] == told[3] and b"d2.example.com" in told[0], "report reads them as those of one run",
       told[2].decode())
    s.run("report", "--no-windows", "--stats", "16.db", *time, "--html", "page.html")
    ok(b"<h1>Bounces by domain</h1>" in (s.root / "page.html").read_bytes(), "and draws its page")
    page_of_all(s, asked)
    plan = next((s.root / "counted1.0").glob("plan-*")).read_bytes().splitlines()[-1].split()
    fresh = sqlite3.connect(s.root / "1.db").execute("SELECT fresh FROM state").fetchone()[0]
    ok(fresh == int(plan[3]), "they know of no time after the mail was listed", f"{fresh} {plan}")

    def refuses(sentence, word, *folders, status=65):
        r = s.run("stats", "merge", "--stats", "no.db", *folders)
        ok(r.returncode == status and word in r.stderr and not list(s.root.glob("*no.db*")) and
           not list(s.root.glob(".ndrscan*")), sentence, f"{r.returncode} {r.stderr.decode()}")

    refuses("a piece that is missing is refused by name", b"has no result", "counted3.0")
    counts = max((s.root / "counted1.0").glob("??/*.counts"), key=lambda p: p.stat().st_size)
    data = bytearray(counts.read_bytes())
    for what, changed in (("changed", data[:99] + bytes([data[99] ^ 1]) + data[100:]), ("cut", data[:-1]), ("empty", b""),
                          ("longer", data + data[:9]), ("foreign", os.urandom(len(data)))):
        counts.write_bytes(changed)
        refuses(f"bounces whose file is {what} are refused by name", counts.name.encode(), "counted1.0")
    counts.unlink()
    refuses("and so are those whose file is gone", counts.name.encode(), "counted1.0")
    r = s.run("scan", *asked, "--out-dir", "counted1.0")
    ok(counts.read_bytes() and b" pieces are done already" in r.stderr and sorted(counts.read_bytes()) == sorted(data),
       "a worker makes that piece again, and no other", r.stderr.decode())
    s.scan("--clock", "date", *asked, "--out-dir", "dated")
    refuses("of another clock nothing is counted", b"--clock date", "dated")
    r = s.run("stats", "merge", "--stats", "nowhere/no.db", "counted1.0")
    ok(r.returncode == 2 and b"nowhere" in r.stderr, "a folder that is not there is 2: never again", f"{r.returncode} {r.stderr.decode()}")
    r = s.run("stats", "merge", "counted1.0")
    ok(r.returncode == 2 and b"--stats" in r.stderr, "which file has to be said", r.stderr.decode())


def away(s):
    """What cannot be read is not done: a mount that is missing is no mail without bounces."""
    mail, asked = s.root / "lies", ["--piece-size", "1M", "-r"]
    shutil.copytree(s.root / "mail", mail)
    s.scan("--plan", "lies.plan", *asked, "lies")
    s.scan("--plan", "lies.plan", "--out-dir", "lies.all")
    one = s.merge("lies.all")
    aside = s.root / "aside"
    cases = [("large.mbox", 75, "a file that is gone"), ("files", 75, "a folder of messages that is gone"),
             ("frames.mbox.zst", 75, "a packed file that is gone"), ("Maildir", 75, "a Maildir that is gone"),
             ("m00.mbox", 75, "a small file that is gone"), (".", 75, "a mount that is missing")]
    if os.geteuid() != 0:
        cases.append(("m01.mbox", 2, "a file that may not be read"))
    for i, (name, status, sentence) in enumerate(cases):
        out = f"lies.{i}"
        (mail / name).chmod(0) if status == 2 else (mail / name).rename(aside)
        r = s.scan("--plan", "lies.plan", "--out-dir", out)
        gap = s.merge(out)
        (mail / name).chmod(0o600) if status == 2 else aside.rename(mail / name)
        ok(r.returncode == status and b"could not be read" in r.stderr and gap.returncode == 65 and not gap.stdout and
           b"has no result" in gap.stderr, f"{sentence}: {status}, and its pieces are not done", f"{r.returncode} {r.stderr.decode(errors='replace')[-800:]}")
        r = s.scan("--plan", "lies.plan", "--out-dir", out)
        ok(r.returncode == 0 and s.merge(out).stdout == one.stdout, "once it is there again, all is done", r.stderr.decode(errors='replace'))
    for empty in (mail / "Maildir" / "cur", mail / "Maildir" / "new"):
        empty.rename(s.root / empty.name)
    r = s.scan("--plan", "lies.plan", "--out-dir", "lies.empty")
    for empty in ("cur", "new"):
        (s.root / empty).rename(mail / "Maildir" / empty)
    ok(r.returncode == 75 and b"neither cur nor new" in r.stderr, "an empty folder in place of a Maildir: 75", r.stderr.decode())
    r = s.scan("--out-dir", "lies.none", "nowhere")
    ok(r.returncode == 75 and b"nowhere" in r.stderr and not (s.root / "lies.none").exists(),
       "without a plan a source that is not there: 75, and no results", f"{r.returncode} {r.stderr.decode()}")
    (mail / "m00.mbox").write_bytes((mail / "m00.mbox").read_bytes()[:5000])
    r = s.scan("--plan", "lies.plan", "--out-dir", "lies.short")
    ok(r.returncode == 0, "a file that is another by now is done, as it is", f"{r.returncode} {r.stderr.decode()}")
    shutil.rmtree(mail)


def paths(s):
    one = s.scan("--output", "paths", "mail/m00.mbox", "mail/large.mbox", "mail/m01.mbox", "mail/large.mbox")
    s.scan("--output", "paths", "mail/m00.mbox", "mail/large.mbox", "mail/m01.mbox", "mail/large.mbox", *SIZE,
           "--out-dir", "paths")
    ok(s.merge("paths").stdout == one.stdout, "a path is told once, however many pieces the file has", one.stdout)


def pieces_stay(s):
    """A change of the number of workers uses what is there."""
    asked = [*SIZE, "--windows", "w.yaml", "-r", "mail"]
    one = s.scan("--windows", "w.yaml", "-r", "mail")
    s.scan(*asked, "--shard", "0/3", "--out-dir", "stay")
    first = results(s.root / "stay")
    times = {name: (s.root / "stay" / name).stat().st_mtime_ns for name in first}
    gap = s.merge("stay")
    ok(gap.returncode == 65 and gap.stdout == b"" and b"large.mbox, bytes " in gap.stderr and
       b"has no result" in gap.stderr, "a missing piece is refused by name", gap.stderr.decode())
    for k in range(16):
        s.scan(*asked, "--shard", f"{k}/16", "--out-dir", "stay")
    now = results(s.root / "stay")
    ok(all(now[name] == data for name, data in first.items()) and len(now) > len(first) and
       all((s.root / "stay" / name).stat().st_mtime_ns == at for name, at in times.items()),
       "with another number of workers no finished piece is made again")
    ok(s.merge("stay").stdout == one.stdout, "and together they are one run")
    ids = [line.split("\t")[1] for k in range(5) for line in
           s.scan(*asked, "--shard", f"{k}/5", "--list-shard").stdout.decode(errors="replace").splitlines()]
    ok(sorted(ids) == sorted(now), "--list-shard names each result once", str(len(ids)))
    large = [line for k in range(5) for line in
             s.scan(*asked, "--shard", f"{k}/5", "--list-shard").stdout.decode(errors="replace").splitlines()
             if "large.mbox" in line]
    ok(all("range " in line for line in large) and len(large) > 3 and
       {int(line.rsplit(" ", 1)[1].split("-")[0]) % (1 << 20) for line in large} == {0},
       "a large mbox falls into aligned blocks", "\n".join(large))
    end = end_of(next(d for d in now.values() if b'"source":"mail/frames' in d))
    ok(end["version"] == 1 and end["options"]["clock"] == "arrival" and end["stored_xxh3"] and
       end["content_bytes"] > end["stored_bytes"], "an end record tells what it is of, and made with", str(end))
    for name, data in now.items():
        record = data.split(b"\n", 1)[0]
        if b'"source":"mail/frames' in record and not record.startswith(b'{"type"'):
            ok(b'"piece_index":' in record and b'"piece_offset":' in record and b',"index"' not in record,
               "records of frames call their numbers the piece's", record.decode())
            break


def verify(s):
    """What a result is passed over by."""
    asked = [*SIZE, "mail/m00.mbox", "mail/large.mbox", "mail/frames.mbox.zst", "mail/files", "mail/packed.mbox.gz", "mail/untold.mbox.zst",
             "mail/Maildir", "--out-dir", "verify"]
    s.scan(*asked)
    before = results(s.root / "verify")
    passed = s.run("scan", *asked, "--verify")
    ok(f"{len(before)} of {len(before)} pieces are done".encode() in passed.stderr,
       "--verify finds what is read again the same", passed.stderr.decode())
    path = s.root / "mail" / "large.mbox"
    at = path.stat()
    data = bytearray(path.read_bytes())
    spot = data.index(b"\nSubject: ", 1500000) + 12
    data[spot] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    passed = s.run("scan", *asked)
    ok(f"{len(before)} of {len(before)}".encode() in passed.stderr, "size and time are what it is passed over by")
    passed = s.run("scan", *asked, "--verify")
    ok(f"{len(before) - 1} of {len(before)}".encode() in passed.stderr, "--verify sees the piece that changed",
       passed.stderr.decode())
    one = s.scan(*asked[2:-2])
    ok(s.merge("verify").stdout == one.stdout, "and makes it anew")
    data[spot] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    for cut in (b"", b"{\"type\":\"end\"", None):
        victim = sorted((s.root / "verify").glob("??/*.jsonl"))[2]
        whole = victim.read_bytes()
        victim.write_bytes(whole[:len(whole) // 2] if cut is None else cut)
        refused = s.merge("verify")
        again = s.run("scan", *asked, "--force" if cut is None else "-q")
        ok(refused.returncode == 65 and refused.stdout == b"" and again.returncode == 0 and
           s.merge("verify").returncode == 0, "a result that is not whole is refused, and made again",
           refused.stderr.decode())


def refused(s):
    """What does not make up one run."""
    asked = ["mail/m00.mbox", "mail/large.mbox", *SIZE]
    s.scan(*asked, "--shard", "0/2", "--out-dir", "mixed", "--windows", "w.yaml")
    s.scan(*asked, "--shard", "1/2", "--out-dir", "mixed", "--no-windows")
    r = s.merge("mixed")
    ok(r.returncode == 65 and r.stdout == b"" and b"did not see the same mail" in r.stderr,
       "shards with other windows are refused", r.stderr.decode())
    plan = sorted((s.root / "mixed").glob("plan-*"))[0]
    r = s.merge("mixed", "--plan", str(plan))
    ok(r.returncode == 65 and b"another windows than the plan has" in r.stderr, "by name", r.stderr.decode())
    s.scan(*asked, "--out-dir", "a", "--clock", "date")
    s.scan(*asked, "--out-dir", "b")
    plan = next((s.root / "b").glob("plan-*"))
    shutil.rmtree(s.root / "b")
    r = s.merge("a", "b")
    ok(r.returncode == 2 and b"b" in r.stderr, "a folder that is not there is told", r.stderr.decode())
    s.scan(*asked, "--out-dir", "b")
    r = s.merge("a", "--plan", str(plan))
    ok(r.returncode == 65 and b"another clock than the plan has: date, not arrival" in r.stderr,
       "an option is named", r.stderr.decode())
    shutil.copytree(s.root / "b", s.root / "c")
    ok(s.merge("b", "c").returncode == 0, "the same result twice is one")
    victim = max((s.root / "c").glob("??/*.jsonl"), key=lambda p: p.stat().st_size)
    data = bytearray(victim.read_bytes())
    at = data.rindex(b'"stamp":"') + 9
    data[at:at + 1] = b"0" if data[at:at + 1] != b"0" else b"1"
    victim.write_bytes(data)
    r = s.merge("b", "c")
    ok(r.returncode == 65 and b"two results of it differ" in r.stderr, "two results of a piece that differ are refused",
       r.stderr.decode())
    flipped = max((s.root / "b").glob("??/*.jsonl"), key=lambda p: p.stat().st_size)
    data = bytearray(flipped.read_bytes())
    data[data.index(b'"verdict":"') + 12] ^= 1
    flipped.write_bytes(data)
    r = s.merge("b", "-o", "merged.jsonl")
    ok(r.returncode == 65 and not (s.root / "merged.jsonl").exists() and b"not those that were written" in r.stderr,
       "a result whose records changed is refused, and nothing is left", r.stderr.decode())


def mailboxes(s):
    """Whose a mailbox is: a map is pinned, and so is where relative paths begin."""
    whose = s.root / "map"
    whose.write_text(f"{s.root}/mail/Maildir d2.example.com\n{s.root}/mail/m00.mbox d3.example.org\n")
    asked = ["--windows", "w.yaml", "--recipient-map", "map", "-r", "mail"]
    one = s.scan(*asked)
    plain = s.scan("--windows", "w.yaml", "-r", "mail")
    ok(one.returncode == 0 and one.stdout != plain.stdout, "a map changes verdicts", one.stderr.decode())
    s.scan("--plan", "mapped", *SIZE, *asked)
    whose.write_text("/nowhere d9.example.com\n")
    ends = [s.scan("--plan", "mapped", "--shard", f"{k}/2", "--out-dir", "mapped-out") for k in range(2)]
    merged = s.merge("mapped-out", "--plan", "mapped/plan")
    ok(merged.returncode == 0 and merged.stdout == one.stdout, "a plan has a copy of it, whatever becomes of it",
       merged.stderr.decode() + ends[0].stderr.decode())
    (s.root / "elsewhere").mkdir()
    (s.root / "elsewhere" / "mail").symlink_to(s.root / "mail")
    (s.root / "elsewhere" / "mapped").symlink_to(s.root / "mapped")
    there = Scan(s.program, s.root / "elsewhere")
    done_there = there.scan("--plan", "mapped", "--out-dir", "out")
    merged = there.merge("out")
    ok(merged.stdout == one.stdout, "nor does it count in which folder its machines are",
       merged.stderr.decode() + done_there.stderr.decode())
    r = s.scan("--plan", "mapped", "--shard", "0/2", "--out-dir", "mapped-out", "--recipient-map", "map")
    ok(r.returncode == 2 and b"--recipient-map" in r.stderr, "the plan says it already", r.stderr.decode())
    copy = s.root / "mapped" / "recipient-map" / "0000"
    copy.write_text(copy.read_text() + "/more d9.example.com\n")
    r = s.scan("--plan", "mapped", "--out-dir", "mapped-out", "--force")
    ok(r.returncode == 2 and b"other recipient-map" in r.stderr, "a copy that was changed is refused", r.stderr.decode())
    whole = ["--recipient-path", f"{s.root}/{{domain}}/", str(s.root / "mail" / "m00.mbox"), *SIZE]
    s.scan(*whole, "--shard", "0/2", "--out-dir", str(s.root / "apart"))
    there.scan(*whole, "--shard", "1/2", "--out-dir", str(s.root / "apart"))
    r = s.merge("apart")
    ok(r.returncode == 0, "whole paths are the same in whatever folder", r.stderr.decode())
    half = ["--recipient-map", str(whose), "mail/m00.mbox", *SIZE]
    s.scan(*half, "--shard", "0/2", "--out-dir", str(s.root / "halves"))
    there.scan(*half, "--shard", "1/2", "--out-dir", str(s.root / "halves"))
    r = s.merge("halves")
    ok(r.returncode == 65, "relative ones are not", r.stderr.decode())


def words(s):
    """Who may say what."""
    mail = "mail/m00.mbox"
    for args, env, status, told in (
            (["--shard", "auto", mail, "--list-shard"], {}, 2, "SLURM_ARRAY_TASK_ID"),
            (["--shard", "auto", mail, "--list-shard"],
             dict(SLURM_ARRAY_TASK_ID="1", SLURM_ARRAY_TASK_MIN="0", SLURM_ARRAY_TASK_MAX="3",
                  SLURM_ARRAY_TASK_STEP="1", SLURM_ARRAY_TASK_COUNT="4"), 0, ""),
            (["--shard", "auto", mail, "--list-shard"],
             dict(SLURM_ARRAY_TASK_ID="1", SLURM_ARRAY_TASK_MIN="1", SLURM_ARRAY_TASK_MAX="3",
                  SLURM_ARRAY_TASK_STEP="2", SLURM_ARRAY_TASK_COUNT="2"), 2, "auto/N"),
            (["--shard", "auto", mail, "--list-shard"],
             dict(SLURM_ARRAY_TASK_ID="1", SLURM_ARRAY_TASK_MIN="0", SLURM_ARRAY_TASK_MAX="3",
                  SLURM_ARRAY_TASK_STEP="1", SLURM_ARRAY_TASK_COUNT="2"), 2, "auto/N"),
            (["--shard", "auto/4", mail, "--list-shard"], dict(JOB_COMPLETION_INDEX="3"), 0, ""),
            (["--shard", "auto/4", mail, "--list-shard"], dict(JOB_COMPLETION_INDEX="4"), 2, "count from 0"),
            (["--shard", "auto/4", mail, "--list-shard"], {}, 2, "JOB_COMPLETION_INDEX"),
            (["--shard", "4/4", mail, "--list-shard"], {}, 2, "count from 0"),
            (["--shard", "x/4", mail, "--list-shard"], {}, 2, "is no number"),
            (["--shard", "1", mail, "--list-shard"], {}, 2, "K/N"),
            (["--shard", "1/0", mail, "--list-shard"], {}, 2, "K/N"),
            (["--shard", "0/2", mail], {}, 2, "--out-dir"),
            (["--out-dir", "o", "-"], {}, 2, "standard input"),
            (["--out-dir", "o", mail, "--clock", "now"], {}, 2, "--now"),
            (["--out-dir", "o", mail, "--clock", "now", "--now", "then"], {}, 2, "--now 'then'"),
            (["--out-dir", "o", mail, "--now", "2008-05-13T08:00:00Z"], {}, 2, "--clock now"),
            (["--out-dir", "o", mail, "--piece-size", "1000"], {}, 2, "1M is the least"),
            (["--plan", "nowhere", "--shard", "0/2", "--out-dir", "o"], {}, 2, "make it first"),
            (["--plan", "p", mail], {}, 0, ""),
            (["--plan", "p", mail], {}, 2, "written once"),
            (["--plan", "p", "--out-dir", "o", mail], {}, 2, "leave SOURCE out"),
            (["--plan", "p", "--out-dir", "o", "--emit", "all"], {}, 2, "--emit is the plan's"),
            (["--plan", "p", "--out-dir", "o", "--evidence", "all"], {}, 2, "--evidence is the plan's"),
            (["--plan", "p", "--out-dir", "o"], {}, 0, "")):
        r = s.scan(*args, **env)
        ok(r.returncode == status and told in r.stderr.decode(),
           f"scan {' '.join(args)} {' '.join(env.values())}: {status}{', ' + told if told else ''}", r.stderr.decode())
    own = pathlib.Path(__file__).parents[2] / "rules" / "ndr" / "rfc8098.yaml"
    s.scan("--plan", "own", "--rules", own, mail)
    r = s.scan("--plan", "own", "--out-dir", "o-own")
    ok(r.returncode == 0, "rules of one's own are followed", r.stderr.decode())
    rules = max((s.root / "own" / "rules").iterdir())
    rules.write_bytes(rules.read_bytes() + b"\n")
    r = s.scan("--plan", "own", "--out-dir", "o-own")
    ok(r.returncode == 2 and b"other rules" in r.stderr, "copies that changed are not followed", r.stderr.decode())
    plan = s.root / "p" / "plan"
    data = plan.read_bytes()
    for bad, status, told in ((data[:-5], 2, b"is no whole plan"), (data.replace(b"arrival", b"Arrival", 1), 2, b"whole"),
                              (b"ndrscan-plan 9" + data[14:], 2, b"newer ndrscan"),
                              (b"ndrscan-plan 1" + data[14:], 2, b"older ndrscan"), (b"", 2, b"no plan"),
                              (b"From x\n", 2, b"no plan")):
        plan.write_bytes(bad)
        r = s.scan("--plan", "p", "--out-dir", "o")
        ok(r.returncode == status and told in r.stderr, f"a plan that is none is refused: {told.decode()}",
           r.stderr.decode())


def damaged(s):
    """What is amiss with mail is no reason to try again; who merges tells."""
    frames = bytearray((s.root / "mail" / "frames.mbox.zst").read_bytes())
    frames[len(frames) // 2] ^= 0x55
    frames[len(frames) // 2 + 1] ^= 0x55
    (s.root / "bad.mbox.zst").write_bytes(frames)
    sources = ["bad.mbox.zst", "gone.mbox", "mail/m02.mbox"]
    one = s.scan(*sources)
    s.scan("--plan", "bad-plan", *SIZE, *sources)
    ends = [s.scan("--plan", "bad-plan", "--shard", f"{k}/4", "--out-dir", "bad").returncode for k in range(4)]
    r = s.merge("bad")
    ok(ends == [0] * 4 and r.returncode == one.returncode == 1 and r.stdout == one.stdout,
       "behind damage in a frame records are dropped as one run does", r.stderr.decode())
    told = {line for line in one.stderr.splitlines()}
    ok(told and told <= set(r.stderr.splitlines()), "and the same troubles are told",
       f"{one.stderr.decode()}\n{r.stderr.decode()}")


def now(s):
    asked = ["--windows", "w.yaml", "--clock", "now", "--now", "2008-05-13T08:00:00Z", "mail/m00.mbox", "mail/m02.mbox"]
    one = s.scan(*asked)
    s.scan(*asked, "--out-dir", "now")
    ok(b'"junk"' in one.stdout and s.merge("now").stdout == one.stdout, "--now holds windows against that time")
    asked[5] = "2007-05-13T08:00:00Z"
    ok(b'"junk"' not in s.scan(*asked).stdout, "and another time is another answer")


def shared_set(s):
    """What was sent, where all users look for it, while this one has no set of his own."""
    key = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    (s.root / "id.yaml").write_text("identities:\n  - domain: d2.example.com\n    dkim:\n"
                                    f'      - {{selector: s, key: "{key}"}}\n')
    (s.root / "sent.list").write_text("1@d2.example.com\td2.example.com\tbob@example.net\t2008-05-12T08:00:00Z\n")
    added = s.run("sent", "add", "--format", "list", "--set", "host/var/lib/ndrscan/sent", "sent.list")
    host = dict(NDRSCAN_ROOT=str(s.root / "host"), XDG_STATE_HOME=str(s.root / "own"))
    made = s.run("scan", "--plan", "with-set", "--identity", "id.yaml", "mail/large.mbox", *SIZE, **host)
    ok(added.returncode == 0 and made.returncode == 0 and b" pieces of 1 sources" in made.stderr,
       "a plan knows the set that users share, and how many sources it has", added.stderr.decode() + made.stderr.decode())
    r = s.scan("--plan", "with-set", "--identity", "id.yaml", "--out-dir", "set", **host)
    ok(r.returncode == 0, "and is followed with it", r.stderr.decode())
    (s.root / "sent.list").write_text("2@d2.example.com\td2.example.com\tbob@example.net\t2008-05-12T08:00:00Z\n")
    s.run("sent", "add", "--format", "list", "--set", "host/var/lib/ndrscan/sent", "sent.list")
    r = s.scan("--plan", "with-set", "--identity", "id.yaml", "--out-dir", "set", **host)
    ok(r.returncode == 2 and b"sent" in r.stderr, "but not with another", r.stderr.decode())


def main():
    with tempfile.TemporaryDirectory(prefix="ndrscan-pieces-") as name:
        root = pathlib.Path(name)
        s = Scan(sys.argv[1], root)
        make(sys.argv[1], sys.argv[2], root / "mail")
        (root / "w.yaml").write_text(WINDOWS)
        same_as_one_run(s)
        statistics(s)
        away(s)
        paths(s)
        pieces_stay(s)
        verify(s)
        refused(s)
        mailboxes(s)
        words(s)
        damaged(s)
        now(s)
        shared_set(s)
    done()


if __name__ == "__main__":
    main()
