#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""syscalls.py NDRSCAN [STEP] - every system call of apply and undo fails in turn, or kills.

For each name, fault and count: nothing lost or doubled; a run that was told of an error
says so or comes through it; then undo brings everything back. With STEP
only each STEPth of the calls before the journal is opened, which load libraries, rules
and windows, and only errors that a kernel would give for the call.
Exit status 0, 1, 77 where strace cannot trace.
"""
import shutil
import subprocess
import sys
import time

from spool import Spool, check_undone, check_whole, reset_journal, scratch, skip

NAMES = ("openat2", "openat", "open", "renameat2", "fsync", "fdatasync", "write", "pwrite64", "ftruncate",
         "mkdirat", "mkdir", "mknodat", "newfstatat", "fstat", "getdents64", "flock", "lseek", "read",
         "pread64", "close", "fchown", "fchmod", "fcntl", "statx", "fstatfs")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC", "error=EINTR", "error=EMFILE")
OPENING = ("openat2", "openat", "open", "fcntl")
READING = ("newfstatat", "fstat", "getdents64", "flock", "lseek", "read", "pread64", "close", "fcntl")


def can_be(name, fault):
    """Whether a kernel would ever answer so."""
    return not (fault == "error=EMFILE" and name not in OPENING or fault == "error=ENOSPC" and name in READING)


def traced(spool, verb, inject, log):
    return subprocess.run(
        ["strace", "-qq", "-o", log, "-e", "trace=" + inject.split(":")[0], "-e", "inject=" + inject]
        + spool.command(verb), env=spool.env, capture_output=True, check=False, timeout=60)


def count_calls(spool, verb):
    """{name: (calls before the journal is opened, all calls)}"""
    log = str(spool.folder / "trace")
    subprocess.run(["strace", "-qq", "-s", "200", "-o", log, "-e", "trace=" + ",".join(NAMES)]
                   + spool.command(verb), env=spool.env, capture_output=True, check=False, timeout=60)
    before, calls, opened = {}, {}, False
    with open(log, errors="replace") as lines:
        for line in lines:
            name = line.split("(")[0]
            opened = opened or f'"{spool.journal}"' in line
            calls[name] = calls.get(name, 0) + 1
            if not opened:
                before[name] = calls[name]
    if not opened or "renameat2" not in calls:
        raise AssertionError(f"{verb}: the trace does not show the work: {sorted(calls)}")
    return {name: (before.get(name, 0), calls[name]) for name in calls if name in NAMES}


def main():
    program = sys.argv[1]
    step = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if shutil.which("strace") is None:
        skip("no strace")
    if subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False).returncode:
        skip("tracing is not allowed here")
    begun = time.monotonic()
    points = silent = 0
    with scratch() as folder:
        spool = Spool(program, folder, messages=12)
        before, whole = spool.names(), spool.contents()
        log = str(spool.folder / "trace")
        spool.run("apply")
        after = spool.names()
        undo_calls = count_calls(spool, "undo")
        reset_journal(spool)
        shutil.rmtree(spool.maildir / ".Junk", ignore_errors=True)  # made by apply again each time
        apply_calls = count_calls(spool, "apply")
        check_undone(spool, before, "counting")
        for verb, calls in (("apply", apply_calls), ("undo", undo_calls)):
            for name in sorted(calls):
                for fault in [f for f in FAULTS if step == 1 or can_be(name, f)]:
                    first, last = calls[name]
                    for n in [n for n in range(1, last + 1) if n > first or n % step == 0]:
                        reset_journal(spool)
                        if verb == "apply":
                            shutil.rmtree(spool.maildir / ".Junk", ignore_errors=True)
                        else:
                            spool.run("apply")
                        when = f"{verb}: {name}:{fault}:when={n}"
                        done = traced(spool, verb, f"{name}:{fault}:when={n}", log)
                        points += 1
                        if done.returncode in (-6, -11, 134, 139):
                            raise AssertionError(f"{when}: crashed: {done.stderr[-300:]}")
                        if done.returncode not in (0, -9, 137):
                            if not done.stderr.strip():
                                silent += 1
                                print(f"{when}: exit {done.returncode} without a word")
                        check_whole(spool, whole, when)
                        if verb == "apply" and done.returncode == 0 and fault != "signal=KILL" \
                                and name in ("renameat2", "fdatasync", "fsync") and spool.names() != after:
                            raise AssertionError(f"{when}: exit 0, but not all was done")
                        check_undone(spool, before, when)
    print(f"{points} points, {time.monotonic() - begun:.0f} s: 0 lost, 0 doubled, undo exact, "
          f"{silent} without a word")
    return 1 if silent or not points else 0


if __name__ == "__main__":
    sys.exit(main())
