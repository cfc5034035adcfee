#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""disk.py NDRSCAN - a full disk, no inodes, a read-only one, and outputs that fail.

Exit status 0, 1, 77 where nothing may be mounted (the outputs are tried all the same).
"""
import os
import subprocess
import sys

from spool import SKIP, Spool, check_undone, check_whole, scratch


class Mount:
    def __init__(self, where, options):
        self.where, self.options = where, options

    def __enter__(self):
        os.makedirs(self.where, mode=0o700, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", self.where],
                              capture_output=True, check=False)
        return done.returncode == 0

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.where], capture_output=True, check=False)


def refused(spool, whole, names, when, words):
    done = spool.run("apply", ok=None)
    if done.returncode not in (1, 2) or words not in done.stderr:
        raise AssertionError(f"{when}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    check_whole(spool, whole, when)
    if spool.names() != names:
        raise AssertionError(f"{when}: something was moved")
    print(f"{when}: exit {done.returncode}, {done.stderr.decode().splitlines()[0]}")


def mounts(program):
    with scratch() as folder:
        spool = Spool(program, folder, messages=40)
        whole, names = spool.contents(), spool.names()
        with Mount(str(spool.journal), "size=64k,mode=700") as mounted:
            if not mounted:
                return False
            with open(spool.journal / "fill", "wb", buffering=0) as fill:
                try:
                    while fill.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
            refused(spool, whole, names, "journal on a full disk", b"No space left")
            os.unlink(spool.journal / "fill")
            spool.run("apply")
            check_undone(spool, names, "once there is room")
        with Mount(str(spool.journal), "size=64k,nr_inodes=2,mode=700") as _:
            refused(spool, whole, names, "journal without inodes", b"No space left")
    with scratch() as folder:
        with Mount(os.path.join(folder, "disk"), "size=4m") as _:
            inner = os.path.join(folder, "disk")
            spool = Spool(program, inner, messages=40, journal=os.path.join(folder, "J"))
            whole, names = spool.contents(), spool.names()
            subprocess.run(["mount", "-o", "remount,ro", inner], check=True)
            spool.env["XDG_CACHE_HOME"] = folder
            refused(spool, whole, names, "Maildir on a read-only disk", b"Read-only file system")
            subprocess.run(["mount", "-o", "remount,rw,size=4m", inner], check=True)
            spool.run("apply")
            check_undone(spool, names, "once it can be written")
    return True


def outputs(program):
    for where, status in (("/dev/full", 2), (None, 2)):
        with scratch() as folder:
            spool = Spool(program, folder, messages=40)
            names, whole = spool.names(), spool.contents()
            command = spool.command("apply", more=("--output", "jsonl"))
            if where:
                with open(where, "wb") as out:
                    done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, env=spool.env, check=False)
            else:
                done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], stderr=subprocess.PIPE,
                                      env=spool.env, check=False)
            if done.returncode != status or not done.stderr:
                raise AssertionError(f"stdout {where}: exit {done.returncode}: {done.stderr}")
            check_whole(spool, whole, f"stdout {where}")
            if spool.names() == names:
                raise AssertionError("a list that cannot be written held the mail back")
            check_undone(spool, names, f"stdout {where}")
            print(f"stdout {where or 'closed'}: exit {status}, moved all the same, undone")


def main():
    outputs(sys.argv[1])
    if not mounts(sys.argv[1]):
        print("skipped: nothing may be mounted here")
        return SKIP
    return 0


if __name__ == "__main__":
    sys.exit(main())
