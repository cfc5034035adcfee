#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_signals.py NDRSCAN DATA - does a filter end with 75 or go on, whatever signal comes?

Every signal there is comes while half of a message is read. A mail system takes any status
but 0 and 75 for the last word on the message, and death by a signal for what it likes.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

NDRSCAN, DATA = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
CLIENT = NDRSCAN.parent / "ndrscan-client"
MAIL = (DATA / "bounce.eml").read_bytes()
# nobody can catch the first two; the next stop a job or end nothing
LEFT = {signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
        signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH}
# the first two become errors of write, the third has rules read again
GOES_ON = {"filter": {signal.SIGPIPE, signal.SIGXFSZ, signal.SIGHUP}, "check": {signal.SIGPIPE, signal.SIGXFSZ},
           "client": {signal.SIGPIPE, signal.SIGXFSZ}}


def catches(pid, number):
    """Is the handler there: caught or ignored, as /proc tells?"""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False
    masks = dict(line.split(":\t") for line in text.splitlines() if line.startswith("Sig"))
    return any(int(masks[name], 16) >> (number - 1) & 1 for name in ("SigCgt", "SigIgn"))


def reads(pid):
    """Has it read all that was put into its input?"""
    try:
        return "pipe" in pathlib.Path(f"/proc/{pid}/wchan").read_text(encoding="ascii") or \
            pathlib.Path(f"/proc/{pid}/syscall").read_text(encoding="ascii").startswith("0 ")
    except OSError:
        return True


def try_one(what, command, number):
    with subprocess.Popen([str(c) for c in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as p:
        p.stdin.write(MAIL[:900])
        p.stdin.flush()
        end = time.monotonic() + 30
        while time.monotonic() < end and not (catches(p.pid, number) and reads(p.pid)):
            time.sleep(0.01)
        os.kill(p.pid, number)
        time.sleep(0.05)
        try:
            out, _ = p.communicate(MAIL[900:], timeout=60)
        except BrokenPipeError:
            out = b""
        goes_on = number in GOES_ON[what] and what != "client"
        want = {"filter": 0, "check": 1}.get(what) if goes_on else 75
        if p.returncode != want or (out != b"") != goes_on:
            print(f"FAILED: {what} at signal {number}: {p.returncode}, {len(out)} bytes put out")
            return False
    return True


def main():
    how = ["--no-shipped-rules", "--rules", DATA / "rules.yaml", "--windows", DATA / "windows.yaml"]
    commands = {"filter": [NDRSCAN, "filter", *how], "check": [NDRSCAN, "check", *how],
                "client": [CLIENT, "--socket", "/nonexistent/socket", "filter"]}
    numbers = [n for n in signal.valid_signals() if n not in LEFT]
    good = True
    for what, command in commands.items():
        good &= all([try_one(what, command, n) for n in numbers])
        print(f"{'ok' if good else 'FAILED'}: {what}, {len(numbers)} signals")
    return 0 if good else 1


sys.exit(main())
