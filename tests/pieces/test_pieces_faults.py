#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_pieces_faults.py NDRSCAN NDRGEN CLUSTER [--long FOLDER] - is all well whatever happens to workers?

Killed at 50 random moments, with another number of workers each time; a disk that fills, and one
that cannot be read; stopped by SIGTERM; first tries that die under GNU parallel, and its script killed. In the end the results are those
of one run, and no piece that was finished is read a second time.

--long: with more mail (24 mboxes of 500 messages, one of 6,000, one of 4,000 in frames, a Maildir of 1,000),
in a new folder below FOLDER, which is removed; without reads that fail, as which calls read a file hangs on its size.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from mailbox import WINDOWS, Scan, done, make, ok

KILLS = 50
SMALL = dict(small=4, messages=30, large=300, frames=150, maildir=60)
LONG = dict(small=24, messages=500, large=6000, frames=4000, maildir=1000)


def snapshot(folder):
    return {p: p.stat().st_mtime_ns for p in folder.glob("??/[!.]*.jsonl*")}


def start(s, shard, out, *more):
    return subprocess.Popen([s.program, "scan", "-q", "-j", "2", "--plan", "plan", "--shard", shard, "--out-dir", out, *more],
                            cwd=s.root, env=s.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE)


def killed(s, one):
    rng = random.Random(4711)
    out = s.root / "killed"
    again = kills = 0
    began = time.monotonic()
    start(s, "0/1", "span").communicate()
    span = time.monotonic() - began # so that moments are from the whole of a run
    while kills < KILLS:
        shards = rng.choice((1, 3, 16))
        before = snapshot(out)
        child = start(s, f"{rng.randrange(shards)}/{shards}", "killed", *(["--zstd"] if rng.random() < 0.2 else []))
        time.sleep(rng.random() * span)
        child.kill()
        child.communicate()
        kills += 1
        again += any(p.exists() and p.stat().st_mtime_ns != at for p, at in before.items())
        if rng.random() < 0.05:
            shutil.rmtree(out, ignore_errors=True)
    finished = len(snapshot(out))
    ends = [start(s, f"{k}/3", "killed") for k in range(3)]
    codes = [c.wait() for c in ends if c.communicate() is not None]
    merged = s.merge("killed")
    ok(finished > 0, "workers that are killed leave pieces that are finished")
    ok(codes == [0, 0, 0] and merged.stdout == one, f"after {KILLS} kills, workers of other numbers end the work of all",
       merged.stderr.decode())
    ok(again == 0, "no kill and no other number of workers touched a finished piece")
    told = s.run("scan", "--plan", "plan", "--out-dir", "killed", "--progress", "json").stderr.decode()
    end = json.loads(next(line for line in told.splitlines() if line.startswith('{"type":"end"')))
    ok(end["bytes"] == 0 and end["messages"] == 0, "and of finished pieces not a byte is read", told)
    left = [p.name for p in out.rglob("*") if p.name.startswith(".")]
    ok(left == [], "nothing else is left behind", str(left))


def stopped(s, one):
    child = start(s, "0/1", "stopped")
    while not list((s.root / "stopped").glob("??/*")) and child.poll() is None:
        time.sleep(0.001)
    child.send_signal(signal.SIGTERM)
    told = child.communicate()[1].decode()
    whole = [s.run("merge", "stopped")]
    ok(child.returncode in (0, 75) and (child.returncode == 0 or whole[0].returncode == 65),
       "SIGTERM ends a worker with 75", f"{child.returncode} {told}")
    start(s, "0/1", "stopped").communicate()
    ok(s.merge("stopped").stdout == one, "and what it left is whole")


def full_disk(s, one):
    place = s.root / "small"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", place], check=False,
                                           capture_output=True).returncode != 0:
        ok(True, "a full disk # SKIP a small file system cannot be mounted here")
        return
    try:
        child = start(s, "0/1", "small/out")
        told = child.communicate()[1].decode()
        ok(child.returncode == 75 and "No space left" in told, "a full disk is 75: again", f"{child.returncode} {told}")
        ok(s.merge("small/out").returncode == 65, "and what is missing is refused")
        subprocess.run(["mount", "-o", "remount,size=100m", place], check=True)
        start(s, "0/1", "small/out").communicate()
        ok(s.merge("small/out").stdout == one, "with room, the rest is done")
    finally:
        subprocess.run(["umount", "-l", place], check=False)


def unreadable(s, one):
    """A disk, or a server of files, that fails while it is read: what could not be read is not done."""
    if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], check=False,
                                                        capture_output=True).returncode:
        ok(True, "reads that fail # SKIP strace is not there, or may not trace")
        return
    log, all_results = s.root / "strace.log", {p.name for p in (s.root / "span").glob("??/*.jsonl")}
    letter, single = next((s.root / "mail" / "Maildir").glob("new/*")), next((s.root / "mail" / "files").iterdir())
    cases = [("mail/large.mbox", "pread64", "1", "5+"), ("mail/large.mbox", "openat", "2"), ("mail/large.mbox", "newfstatat", "2"),
             ("mail/frames.mbox.zst", "read", "1", "3+"), ("mail/frames.mbox.zst", "pread64", "1"), ("mail/m00.mbox", "pread64", "2"),
             ("mail/packed.mbox.gz", "read", "2"), ("mail/untold.mbox.zst", "read", "1"), ("mail/Maildir/new", "openat", "2"),
             ("mail/Maildir/new", "getdents64", "3+"), (letter.relative_to(s.root), "pread64", "1"), ("mail/files", "openat", "2"),
             (single.relative_to(s.root), "pread64", "1"), (single.relative_to(s.root), "newfstatat", "1")]
    # looking for leaks needs to trace, too
    traced = dict(s.env, ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
    for error in ("EIO", "ESTALE"):
        bad = []
        for path, call, *when in cases:
            for nth in when:
                shutil.rmtree(s.root / "eio", ignore_errors=True)
                r = subprocess.run(["strace", "-f", "-qq", "-o", log, "-P", path, "-e", f"trace={call}", "-e",
                                    f"inject={call}:error={error}:when={nth}", s.program, "scan", "-q", "-j", "2", "--plan",
                                    "plan", "--out-dir", "eio"], cwd=s.root, env=traced, stdin=subprocess.DEVNULL,
                                   capture_output=True, check=False)
                merged = s.merge("eio")
                missing = all_results - {p.name for p in (s.root / "eio").glob("??/*.jsonl")}
                if ("INJECTED" not in log.read_text(errors="replace") or r.returncode != 75 or not missing or merged.stdout or
                        b"could not be read" not in r.stderr or str(path).split("/")[1].encode() not in r.stderr or
                        merged.returncode != 65 or not all(name.encode() in merged.stderr for name in missing)):
                    bad.append(f"{call} {nth} of {path}: {r.returncode}, {merged.returncode}, {missing} "
                               f"{r.stderr.decode(errors='replace')[-500:]} {merged.stderr.decode(errors='replace')[-500:]}")
        ok(bad == [], f"{error} of a read, open, stat or listing: 75, no result, and merge names the piece", "\n".join(bad))
        start(s, "0/1", "eio").communicate()
        ok(s.merge("eio").stdout == one, "once it can be read, the rest is done")


def no_rights(s):
    if os.geteuid() == 0:
        (s.root / "file").write_text("")
        child = start(s, "0/1", "file")
    else:
        (s.root / "shut").mkdir(mode=0o500)
        child = start(s, "0/1", "shut")
    told = child.communicate()[1].decode()
    ok(child.returncode == 2, "a folder that cannot be written is 2: never again", f"{child.returncode} {told}")


def is_at_work(folder):
    """Whether any process has it as its working directory."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd") == str(folder):
                return True
        except OSError:  # it has ended, or is another user's
            pass
    return False


def parallel(s, one, cluster):
    if shutil.which("parallel") is None or "GNU" not in subprocess.run(["parallel", "--version"], text=True, check=False,
                                                                      capture_output=True).stdout:
        ok(True, "GNU parallel # SKIP it is not there (Debian: parallel)")
        return
    tries = s.root / "bin"
    tries.mkdir()
    (tries / "ndrscan").write_text(f"""#!/bin/sh
case $* in *"--shard "[159]/16*) mkdir "{tries}/$(echo "$*" | tr -c 'A-Za-z0-9\\n' _)" 2>/dev/null && kill -9 $$;; esac
exec {s.program} "$@"
""")
    (tries / "ndrscan").chmod(0o755)
    env = dict(s.env, PATH=f"{tries}:{os.environ['PATH']}")
    run = [cluster / "parallel-scan", "plan", "by-parallel", "16"]
    r = subprocess.run(run, cwd=s.root, env=env, capture_output=True, text=True, check=False)
    log = (s.root / "by-parallel.joblog").read_text()
    ok(r.returncode == 0 and s.merge("by-parallel").stdout == one and len(log.splitlines()) >= 17,
       "under GNU parallel first tries may die", r.stderr + log)
    ok(subprocess.run(run, cwd=s.root, env=env, capture_output=True, check=False).returncode == 0, "and it can be given again")
    run[2] = "script-killed"
    for _ in range(3):
        child = subprocess.Popen(run, cwd=s.root, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        before = len(snapshot(s.root / run[2]))
        while child.poll() is None and len(snapshot(s.root / run[2])) == before:
            time.sleep(0.01)
        child.kill() # its workers go on, beside those of the next
        child.wait()
    r = subprocess.run(run, cwd=s.root, env=env, capture_output=True, text=True, check=False)
    ok(r.returncode == 0 and s.merge(run[2]).stdout == one, "the script may be killed, and given again beside its workers", r.stderr)
    # those of the scripts that were killed may still write
    end = time.monotonic() + 60
    while is_at_work(s.root) and time.monotonic() < end:
        time.sleep(0.05)


def piped(s, cluster):
    """The line contract of Spark's pipe() and of Hadoop Streaming."""
    tries = s.root / "bin"
    tries.mkdir(exist_ok=True)
    if not (tries / "ndrscan").exists():
        (tries / "ndrscan").symlink_to(s.program)
    env = dict(s.env, PATH=f"{tries}:{os.environ['PATH']}")
    mail = ["mail/m00.mbox", "mail/large.mbox", "gone.mbox"]
    r = subprocess.run([cluster / "pipe-scan", "--progress", "hadoop"], input="\n".join(mail), cwd=s.root, env=env,
                       capture_output=True, text=True, check=False)
    one = s.scan(*mail[:2]).stdout.decode()
    counters = [line for line in r.stderr.splitlines() if line.startswith("reporter:counter:ndrscan,bounces,")]
    ok(r.returncode == 0 and r.stdout == one and
       sum(int(line.rsplit(",", 1)[1]) for line in counters) == len(one.splitlines()),
       "paths in, records out, counters that add up; a source that is gone is no failure", r.stderr)


def main():
    long = sys.argv[4:5] == ["--long"]
    with tempfile.TemporaryDirectory(prefix="ndrscan-faults-", dir=sys.argv[5] if long else None) as name:
        s = Scan(sys.argv[1], pathlib.Path(name))
        cluster = pathlib.Path(sys.argv[3]).resolve()
        make(sys.argv[1], sys.argv[2], s.root / "mail", **(LONG if long else SMALL))
        (s.root / "w.yaml").write_text(WINDOWS)
        one = s.scan("--windows", "w.yaml", "-r", "mail").stdout
        s.scan("--plan", "plan", "--piece-size", "1M", "--windows", "w.yaml", "-r", "mail")
        killed(s, one)
        stopped(s, one)
        full_disk(s, one)
        if not long:
            unreadable(s, one)
        no_rights(s)
        parallel(s, one, cluster)
        piped(s, cluster)
    done()


if __name__ == "__main__":
    main()
