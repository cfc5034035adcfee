#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""large_messages.py - does a run keep its memory when large messages come together?

usage: large_messages.py NDRSCAN

Bounces of 44 MiB, more than is looked at of one, are scanned as an mbox, a Maildir, an
mbox on a pipe and a zstd file, with 1, 2 and 8 threads, small ones before and behind each. All must be
found, whole in their length and flagged, in order, with at most 64 MiB and 4 MiB a
worker resident (not asked of a build with sanitizers). Prints TAP.
"""
import base64
import json
import os
import random
import subprocess
import sys
import tempfile

LARGE, MIB = 5, 1 << 20
HEAD = (b"Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\n"
        b"To: user@example.com\nSubject: Undelivered Mail Returned to Sender\n"
        b"Message-ID: <%d@mx.example.net>\n\n")
# further apart than zstd looks back here, so that it looks like no compression bomb
BLOCK = base64.encodebytes(random.Random(1).randbytes(780 << 10))
MARK = b"From x@example.net Tue May 13 09:31:02 2008\n"


def write(f, n, framed):
    f.write((MARK if framed else b"") + HEAD % n)
    if n % 3 == 1:
        for _ in range(44 * MIB // len(BLOCK) + 1):
            f.write(BLOCK)
    else:
        f.write(BLOCK[:2000])
    f.write(b"\n\n" if framed else b"")


def is_sanitized(ndrscan):
    library = os.path.join(os.path.dirname(ndrscan), "..", "libndrscan.so")
    with open(os.path.realpath(library), "rb") as f:
        bytes_ = f.read()
    return b"__asan_init" in bytes_ or b"__tsan_init" in bytes_


def run(command, stdin):
    """Records, and the peak of the resident set in KiB."""
    p = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE)
    if stdin is not None:
        stdin.close()
    out = p.stdout.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, [json.loads(line) for line in out.splitlines()], used.ru_maxrss


def main():
    ndrscan = sys.argv[1]
    bounded = not is_sanitized(ndrscan)
    failed = tests = 0
    with tempfile.TemporaryDirectory(dir=".") as folder:
        mbox = os.path.join(folder, "mbox")
        count = 3 * LARGE
        with open(mbox, "wb") as f:
            for n in range(count):
                write(f, n, True)
        maildir = os.path.join(folder, "Maildir")
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(maildir, sub))
        for n in range(count):
            name = os.path.join(maildir, "cur", "%d.M%dP1.mx:2,S" % (1210671062 + n, n))
            with open(name, "wb") as f:
                write(f, n, False)
        packed = os.path.join(folder, "mbox.zst")
        subprocess.run(["zstd", "-q", "-1", mbox, "-o", packed], check=True)
        for form in ("mbox", "Maildir", "pipe", "mbox.zst"):
            for threads in (1, 2, 8):
                source = "-" if form == "pipe" else os.path.join(folder, form)
                feeder = None
                if form == "pipe":
                    feeder = subprocess.Popen(["cat", mbox], stdout=subprocess.PIPE)
                status, records, peak = run(
                    [ndrscan, "scan", "-q", "-j%d" % threads, source],
                    feeder.stdout if feeder else None)
                if feeder:
                    feeder.wait()
                ids = sorted(int(r["message_id"].split("@")[0]) for r in records)
                large = [r for r in records if r["length"] > 40 * MIB]
                wrong = []
                if status != 0 or ids != list(range(count)):
                    wrong.append("status %d, messages %s" % (status, ids))
                if form != "Maildir" and [r["offset"] for r in records] != sorted(
                        r["offset"] for r in records):
                    wrong.append("out of order")
                if len(large) != LARGE or any(r["flags"] != ["truncated"] for r in large):
                    wrong.append("large ones: %s" % [(r["length"], r["flags"]) for r in large])
                if bounded and peak > (64 + 4 * threads) * 1024:
                    wrong.append("%d KiB resident" % peak)
                tests += 1
                failed += bool(wrong)
                print("%s %d - %s with %d threads keeps its memory%s" % (
                    "not ok" if wrong else "ok", tests, form, threads,
                    "" if bounded else " # without the bound: sanitized"))
                for line in wrong:
                    print("#", line)
    print("1..%d" % tests)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
