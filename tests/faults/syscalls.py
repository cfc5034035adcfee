#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""syscalls.py NDRSCAN - every system call of apply and undo fails in turn, or kills.

For each name, fault and count until the fault is not met any more: nothing lost or
doubled; a run that was told of an error says so or comes through it; then undo brings
everything back. Only calls behind the rules' loading can matter, but all are tried.
Exit status 0, 1, 77 where strace cannot trace.
"""
import shutil
import subprocess
import sys
import time

from spool import Spool, check_undone, check_whole, reset_journal, scratch, skip

NAMES = ("openat2", "openat", "open", "renameat2", "fsync", "fdatasync", "write", "pwrite64", "ftruncate",
         "mkdirat", "mkdir", "mknodat", "newfstatat", "fstat", "getdents64", "flock", "lseek", "read",
         "pread64", "close", "fchown", "fchmod", "fcntl")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC", "error=EINTR", "error=EMFILE")
MOST = 400  # of one name


def traced(spool, verb, inject, log):
    return subprocess.run(
        ["strace", "-qq", "-o", log, "-e", "trace=" + inject.split(":")[0], "-e", "inject=" + inject]
        + spool.command(verb), env=spool.env, capture_output=True, check=False, timeout=60)


def count_calls(spool, verb):
    log = str(spool.folder / "trace")
    subprocess.run(["strace", "-qq", "-f", "-o", log, "-e", "trace=" + ",".join(n for n in NAMES)]
                   + spool.command(verb), env=spool.env, capture_output=True, check=False, timeout=60)
    calls = {}
    with open(log, errors="replace") as lines:
        for line in lines:
            name = line.split(None, 1)[-1].split("(")[0]
            calls[name] = calls.get(name, 0) + 1
    return calls


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
        for name in NAMES:  # made by apply again each time
            shutil.rmtree(spool.maildir / ".Junk", ignore_errors=True)
        apply_calls = count_calls(spool, "apply")
        check_undone(spool, before, "counting")
        for verb, calls in (("apply", apply_calls), ("undo", undo_calls)):
            for name in sorted(calls):
                for fault in FAULTS:
                    for n in range(1, min(calls[name], MOST) + 1, step):
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
