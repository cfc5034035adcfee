#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""power.py NDRSCAN CUTS - the power goes while apply and undo work.

A disk image with ext4, then one with xfs, mounted by a loop device, is shut down without
its log being written (FS_IOC_SHUTDOWN) at CUTS random moments of apply, release and undo;
it is mounted again, checked, and undone. Nothing is lost or doubled, and every name is
what it was. Exit status 0, 1, 77 where that cannot be done.
"""
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from spool import Spool, check_undone, check_whole, reset_journal, skip

SHUTDOWN, WITHOUT_LOG = 0x8004587D, 2


def run(*words):
    return subprocess.run(words, capture_output=True, check=False)


class Disk:
    def __init__(self, folder, kind):
        self.kind, self.where = kind, os.path.join(folder, kind)
        self.image = os.path.join(folder, kind + ".img")
        os.mkdir(self.where)
        with open(self.image, "wb") as image:
            image.truncate(320 << 20)
        make = ["mkfs.ext4", "-q", "-F"] if kind == "ext4" else ["mkfs.xfs", "-q"]
        if shutil.which(make[0]) is None:
            skip(f"no {make[0]}; install {'e2fsprogs' if kind == 'ext4' else 'xfsprogs'}")
        if run(*make, self.image).returncode != 0:
            skip("mkfs fails")

    def mount(self):
        done = run("mount", "-o", "loop", self.image, self.where)
        return done.returncode == 0

    def cut(self):
        fd = os.open(self.where, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, struct.pack("I", WITHOUT_LOG))
        finally:
            os.close(fd)

    def unmount(self):
        for _ in range(50):
            if run("umount", self.where).returncode == 0:
                return
            time.sleep(0.05)
        raise AssertionError("the disk cannot be unmounted")


def cuts(program, kind, count, folder):
    rng = random.Random(11)
    disk = Disk(folder, kind)
    if not disk.mount():
        skip("loop devices cannot be mounted here")
    moved = 0
    try:
        spool = Spool(program, disk.where, messages=60)
        spool.env["XDG_CACHE_HOME"] = folder
        whole, before = spool.contents(), spool.names()
        os.sync()
        took = time.monotonic()
        spool.run("apply")
        took = time.monotonic() - took
        for i in range(count):
            verb, windows = (("apply", "windows.yaml"), ("undo", ""), ("apply", "none.yaml"))[i % 3]
            was = spool.names()
            child = subprocess.Popen(spool.command(verb, windows=windows), env=spool.env,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0, took * 1.3))
            try:
                disk.cut()
            finally:
                child.wait(timeout=60)
            disk.unmount()
            if not disk.mount():
                raise AssertionError(f"{kind}: cannot be mounted again")
            moved += spool.names() != was
            when = f"{kind}, cut {i + 1}, in {verb} {windows}"
            check_whole(spool, whole, when)
            if i % 4 == 3:
                check_undone(spool, before, when)
                check_whole(spool, whole, when + ", undone")
                reset_journal(spool)
                os.sync()
        check_undone(spool, before, kind)
    finally:
        disk.unmount()
    print(f"{kind}: {count} power cuts, mail moved before {moved} of them: 0 lost, 0 doubled, undo exact")


def main():
    if os.geteuid() != 0:
        skip("not root")
    with tempfile.TemporaryDirectory(prefix="ndrscan-faults-") as folder:
        for kind in ("ext4", "xfs"):
            cuts(sys.argv[1], kind, int(sys.argv[2]), folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
