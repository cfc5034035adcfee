#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_switch.py NDRSCAN - do block and unblock lose nothing, whatever happens to them?

Many at once, killed at any moment, without room on the disk, without rights. Says TAP.
"""
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = str(pathlib.Path(sys.argv[1]).resolve())


class Place:
    """Settings and state of their own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ndrscan-switch-"))
        self.env = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "config"),
                        XDG_STATE_HOME=str(self.folder / "state"), TZ="UTC")
        self.windows = self.folder / "config/ndrscan/windows.d"
        self.own = self.windows / "ndrscan.yaml"
        self.history = self.folder / "state/ndrscan/history.jsonl"

    def start(self, *args, **more):
        return subprocess.Popen([PROGRAM, *args], env=self.env, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **more)

    def run(self, *args, **more):
        done = self.start(*args, **more)
        out, err = done.communicate()
        return done.returncode, out, err

    def domains(self):
        status, out, err = self.run("windows", "--output", "jsonl")
        assert status == 0, err
        return sorted(json.loads(line)["domain"] for line in out.splitlines())

    def lines(self):
        return [json.loads(line) for line in self.history.read_text().splitlines()]


def at_once(place):
    """twenty blocks at once all land, and so do their lines in the history"""
    children = [place.start("block", f"d{i:02}.example") for i in range(20)]
    for child in children:
        _, err = child.communicate()
        assert child.returncode == 0, err
    names = [f"d{i:02}.example" for i in range(20)]
    assert place.domains() == names
    assert sorted(line["domain"] for line in place.lines()) == names


def and_back(place):
    """blocked and unblocked at once, each domain ends as its last command said"""
    children = [place.start("block", f"d{i}.example") for i in range(8)]
    for child in children:
        child.communicate()
    children = [place.start("unblock", f"d{i}.example") for i in range(4)]
    children += [place.start("block", f"e{i}.example") for i in range(4)]
    for child in children:
        _, err = child.communicate()
        assert child.returncode == 0, err
    # a window of this very second is cancelled, an older one ended
    _, out, _ = place.run("windows", "--output", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert sorted(r["domain"] for r in rows if r["state"] == "open") == \
        [f"d{i}.example" for i in range(4, 8)] + [f"e{i}.example" for i in range(4)]


def killed(place):
    """killed at any moment it leaves the old file or the new one, whole"""
    chance = random.Random(7)
    began = time.monotonic()
    place.run("block", "first.example")
    whole = time.monotonic() - began  # of this build, on this machine, now
    cut = 0
    for i in range(150):
        before = place.own.read_text()
        child = place.start("block", f"k{i}.example", "--note", "x" * 900)
        time.sleep(chance.random() * 1.5 * whole)
        child.kill()
        child.communicate()
        after = place.own.read_text()
        cut += after == before
        assert after == before or (after.startswith(before) and f"k{i}.example" in after[len(before):])
        status, _, err = place.run("windows", "check", str(place.own))
        assert status == 0, err
    assert 0 < cut < 150, f"{cut} of 150 were in time"
    # every window has its line
    known = {line["domain"] for line in place.lines()}
    assert set(place.domains()) <= known
    status, _, err = place.run("block", "last.example")
    assert status == 0, err
    assert sorted(p.name for p in place.windows.iterdir()) == [".ndrscan.lock", "ndrscan.yaml"]


def limit_files(size):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return before


def no_room(place):
    """without room for the file nothing is changed, and it says so"""
    place.run("block", "first.example")
    before, lines = place.own.read_bytes(), place.history.read_bytes()
    for size in (0, 1, len(before), len(before) + 10):
        status, out, err = place.run("block", "more.example", preexec_fn=limit_files(size))
        assert status == 2 and out == "" and "ndrscan.yaml" in err and "File too large" in err, err
        assert place.own.read_bytes() == before and place.history.read_bytes() == lines
    assert sorted(p.name for p in place.windows.iterdir()) == [".ndrscan.lock", "ndrscan.yaml"]


def no_room_for_history(place):
    """without room for the history nothing is changed, and no half line is left"""
    place.run("block", "first.example")
    for _ in range(20):
        place.run("block", "b.example", "--until-calm")
        place.run("unblock", "b.example")
    before, lines = place.own.read_bytes(), place.history.read_bytes()
    assert len(lines) > len(before) + 400
    status, out, err = place.run("block", "more.example", preexec_fn=limit_files(len(lines) + 20))
    assert status == 2 and out == "" and "nothing was changed" in err and "history" in err, err
    assert place.own.read_bytes() == before and place.history.read_bytes() == lines


def cut_line(place):
    """a line of the history that was cut off by a crash is passed over, the next is whole"""
    place.run("block", "first.example")
    with place.history.open("a") as f:
        f.write('{"at":"2008-05-13T08:00:00Z","who":"al')
    place.run("block", "second.example")
    status, out, err = place.run("windows", "history")
    assert status == 0 and "first.example" in out and "second.example" in out, out + err
    assert len(out.splitlines()) <= 4, out


def locked(place):
    """another program's lock is waited for some seconds, then it is status 75"""
    place.run("block", "first.example")
    with (place.windows / ".ndrscan.lock").open() as f:
        holder = subprocess.Popen(["flock", "--no-fork", str(f.name), "sleep", "60"])
        time.sleep(0.3)
        begin = time.monotonic()
        status, _, err = place.run("block", "second.example")
        took = time.monotonic() - begin
        holder.kill()
        holder.wait()
    assert status == 75 and "another program edits it; try again" in err, err
    assert 4 < took < 30, took


def no_rights(place):
    """a folder that may not be written is named"""
    place.run("block", "first.example")
    before = place.own.read_bytes()
    if os.geteuid() == 0:
        def before_run():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
        os.chmod(place.folder, 0o755)
        probe = subprocess.run([PROGRAM, "version"], preexec_fn=before_run, check=False, capture_output=True)
        if probe.returncode != 0:
            return "the program cannot be reached by another user here"
    else:
        before_run = None
        os.chmod(place.windows, 0o555)
        os.chmod(place.windows / ".ndrscan.lock", 0o400)
    status, _, err = place.run("block", "more.example", preexec_fn=before_run)
    os.chmod(place.windows, 0o755)
    assert status == 2 and "ndrscan.yaml" in err and "Permission denied" in err, err
    assert place.own.read_bytes() == before
    return None


def modes(place):
    """mode and owner of the file stay"""
    place.run("block", "first.example")
    place.own.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(place.own, 12345, 54321)
    owner = (place.own.stat().st_uid, place.own.stat().st_gid)
    status, _, err = place.run("block", "more.example")
    assert status == 0, err
    st = place.own.stat()
    assert st.st_mode & 0o7777 == 0o640 and (st.st_uid, st.st_gid) == owner
    assert place.history.stat().st_mode & 0o7777 == 0o600


def who(place):
    """the history names who called sudo, and else the user"""
    place.run("block", "first.example", "--note", 'a "b" \\ \n \x1b[2J')
    line = place.lines()[0]
    assert line["uid"] == os.getuid() and line["note"] == 'a "b" \\ \n \x1b[2J'
    if os.geteuid() == 0:
        place.env["SUDO_USER"] = "alice"
        place.run("unblock", "first.example")
        assert place.lines()[1]["who"] == "alice"
    _, out, _ = place.run("windows", "history")
    assert "\x1b" not in out and 'a "b" \\' in out, out


def many(place):
    """a thousand domains in one command are one change"""
    names = [f"m{i}.example" for i in range(1000)]
    status, out, err = place.run("block", *names)
    assert status == 0 and len(out.splitlines()) == 1001, err  # the last one: in which file
    status, out, err = place.run("unblock", *names)
    assert status == 0 and len(out.splitlines()) == 1000, err


CASES = [at_once, and_back, killed, no_room, no_room_for_history, cut_line, locked, no_rights,
         modes, who, many]


def main():
    print(f"1..{len(CASES)}")
    bad = 0
    for number, case in enumerate(CASES, 1):
        place = Place()
        try:
            skip = case(place)
            print(f"ok {number} - {case.__doc__}" + (f" # SKIP {skip}" if skip else ""))
        except AssertionError as e:
            bad += 1
            print(f"not ok {number} - {case.__doc__}")
            print(f"# line {e.__traceback__.tb_next.tb_lineno}: " + str(e).replace("\n", "\n# "))
        finally:
            shutil.rmtree(place.folder, ignore_errors=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
