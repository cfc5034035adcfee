#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""attacks.py NDRSCAN - root over a user's Maildir in which the user lays traps.

Links in the place of .Junk, its halves, folders and messages; FIFO, device, socket; a
hard link to another's file; folders swapped for links in mid-run; names with line ends,
escapes, 255 bytes, no UTF-8. Nothing outside the Maildir changes, nothing hangs, records
stay one line. Exit status 0, 1, 77 when not root.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from spool import DATA, Spool, check_whole, skip

USER = 65534


def snapshot(folder):
    seen = {}
    for top, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(top, name)
            st = os.lstat(path)
            seen[path] = (st.st_mode, st.st_uid, st.st_size, st.st_mtime_ns, st.st_ino)
    return seen


class Trap:
    def __init__(self, program):
        self.top = tempfile.mkdtemp(prefix="ndrscan-faults-")
        os.chmod(self.top, 0o755)
        self.victim = os.path.join(self.top, "victim")
        for half in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(self.victim, half))
            # so that not the rights alone keep mail from going there
            os.chmod(os.path.join(self.victim, half), 0o777)
        shutil.copy(DATA / "bounce.eml", os.path.join(self.victim, "secret"))
        shutil.copy(DATA / "bounce.eml", os.path.join(self.victim, "new", "1210755000.V1.mx"))
        self.spool = Spool(program, self.top, messages=20)
        self.m = str(self.spool.maildir)

    def own(self):
        for top, folders, files in os.walk(self.m):
            for name in folders + files + ["."]:
                os.lchown(os.path.join(top, name), USER, USER)

    def apply(self, more=("--as-owner",)):
        return subprocess.run(self.spool.command("apply", more=("--output", "jsonl", *more)), env=self.spool.env,
                              capture_output=True, check=False, timeout=30)

    def close(self):
        shutil.rmtree(self.top)


def spring(program, name, lay, status=None):
    trap = Trap(program)
    lay(trap)
    trap.own()
    whole, outside = trap.spool.contents(), snapshot(trap.victim)
    for _ in range(2):
        done = trap.apply()
        if done.returncode not in (0, 1) or (status is not None and done.returncode != status):
            raise AssertionError(f"{name}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
        for line in done.stdout.splitlines():
            json.loads(line)
    check_whole(trap.spool, whole, name)
    if snapshot(trap.victim) != outside:
        raise AssertionError(f"{name}: something outside changed")
    for top, folders, files in os.walk(trap.m):
        for entry in folders + files:
            path = os.path.join(top, entry)
            if os.lstat(path).st_uid != USER and os.lstat(path).st_nlink < 2 and not os.path.islink(path):
                raise AssertionError(f"{name}: {path} is not the owner's")
    print(f"{name}: exit {done.returncode}")
    trap.close()


def link(rel, to):
    def lay(trap):
        path = os.path.join(trap.m, rel)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.path.join(trap.victim, to), path)
    return lay


def special(trap):
    new = os.path.join(trap.m, "new")
    os.mkfifo(os.path.join(new, "1210755000.F1.mx"))
    os.mknod(os.path.join(new, "1210755000.D1.mx"), 0o20644, os.makedev(1, 5))
    s = socket.socket(socket.AF_UNIX)
    s.bind(os.path.join(new, "1210755000.S1.mx"))
    s.close()


def odd_names(trap):
    for name in (b"1210755000.N1\n.mx", b"1210755001.N2\x1b[31m.mx", b"..1210755002.mx", b"1210755003.N\xff\xfe.mx",
                 b"1210755004." + b"x" * 244, b":2,S", b"1210755005.%41.mx:2,S", b"a b\\c\".mx:2,Sz"):
        with open(os.path.join(os.fsencode(trap.m), b"new", name), "wb") as out:
            out.write((DATA / "bounce.eml").read_bytes() + name)


def hard_link(trap):
    os.link(os.path.join(trap.victim, "secret"), os.path.join(trap.m, "new", "1210755000.H1.mx"))


def swap(program):
    """.Old and .Junk change places with links to the victim while apply works."""
    trap = Trap(program)
    trap.spool.run("apply", more=("--as-owner",), ok=None)
    trap.own()
    whole, outside = trap.spool.contents(), snapshot(trap.victim)
    stop = threading.Event()

    def flip():
        while not stop.is_set():
            for folder in (".Junk", ".Old"):
                path = os.path.join(trap.m, folder)
                try:
                    os.rename(path, path + "-away")
                    os.symlink(trap.victim, path)
                    time.sleep(0.001)
                    os.unlink(path)
                    os.rename(path + "-away", path)
                    time.sleep(0.002)
                except FileNotFoundError:
                    pass
    thread = threading.Thread(target=flip)
    thread.start()
    try:
        for i in range(60):
            windows = ("windows.yaml", "none.yaml")[i % 2]
            subprocess.run(trap.spool.command("apply", windows=windows, more=("--as-owner",)), env=trap.spool.env,
                           capture_output=True, check=False, timeout=30)
    finally:
        stop.set()
        thread.join()
    if snapshot(trap.victim) != outside:
        raise AssertionError("swapped folders: something outside changed")
    check_whole(trap.spool, whole, "swapped folders")
    print("folders swapped for links in 60 runs: nothing outside changed, 0 lost")
    trap.close()


def consent(program):
    trap = Trap(program)
    trap.own()
    names = trap.spool.names()
    done = trap.apply(more=())
    if done.returncode != 2 or b"--as-owner" not in done.stderr or trap.spool.names() != names:
        raise AssertionError(f"root without --as-owner: exit {done.returncode}: {done.stderr}")
    done = trap.apply()
    junk = os.stat(os.path.join(trap.m, ".Junk"))
    if done.returncode != 0 or junk.st_uid != USER or junk.st_mode != os.stat(trap.m).st_mode:
        raise AssertionError(f"--as-owner: exit {done.returncode}: {done.stderr}")
    undo = trap.spool.run("undo", more=("--as-owner",))
    if undo.returncode != 0 or trap.spool.names() != names:
        raise AssertionError("undo as owner")
    # what the owner may not touch, ndrscan may not
    os.chown(os.path.join(trap.m, "new"), 0, 0)
    os.chmod(os.path.join(trap.m, "new"), 0o755)
    trap.apply()
    if any(n.startswith("new/") for n in names) and \
            {n for n in names if n.startswith("new/")} - set(trap.spool.names()):
        raise AssertionError("--as-owner moved what the owner may not")
    print("root without --as-owner is refused; with it the owner's rights hold")
    trap.close()


def main():
    program = sys.argv[1]
    if os.geteuid() != 0:
        skip("not root")
    consent(program)
    spring(program, ".Junk is a link", link(".Junk", ""), 1)
    spring(program, ".Junk/cur is a link", link(".Junk/cur", "cur"), 1)
    spring(program, "a folder is a link", link(".Evil", ""), 0)
    spring(program, "a message is a link", link("new/1210755000.L1.mx", "secret"), 0)
    spring(program, "FIFO, device, socket", special, 0)
    spring(program, "a hard link to root's file", hard_link)
    spring(program, "odd names", odd_names)
    swap(program)
    return 0


if __name__ == "__main__":
    sys.exit(main())
