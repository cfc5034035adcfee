#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""races.py NDRSCAN ROUNDS - others at work in the same Maildir.

A mail reader changes flags, and moves mail from new to cur, ROUNDS times while apply and
undo run; then two appliers start at once, with one journal and with two. Nothing is lost
or doubled. Exit status 0, 1.
"""
import os
import random
import subprocess
import sys
import threading
import time

from spool import Spool, check_whole, scratch, undo_all


def reader(spool, rounds, done):
    """What a mail reader does: rename in place, never knowing of anybody else."""
    rng = random.Random(3)
    count = 0
    while count < rounds:
        for sub in ("", ".Old", ".Junk"):
            for half in ("new", "cur"):
                folder = spool.maildir / sub / half
                try:
                    names = os.listdir(folder)
                except FileNotFoundError:
                    continue
                for name in rng.sample(names, min(len(names), 20)):
                    flags = "".join(sorted(rng.sample("DFRST", rng.randint(0, 3))))
                    to = spool.maildir / sub / "cur" / (name.split(":")[0] + ":2," + flags)
                    try:
                        os.rename(folder / name, to)
                    except FileNotFoundError:
                        pass
                    count += 1
    done.append(count)


def main():
    program, rounds = sys.argv[1], int(sys.argv[2])
    begun = time.monotonic()
    with scratch() as folder:
        spool = Spool(program, folder, messages=300)
        whole = spool.contents()
        done, runs = [], 0
        thread = threading.Thread(target=reader, args=(spool, rounds, done))
        thread.start()
        while thread.is_alive():
            for verb, windows in (("apply", "windows.yaml"), ("undo", ""), ("apply", "windows.yaml"),
                                  ("apply", "none.yaml")):
                spool.run(verb, ok=(0, 1), windows=windows)
                runs += 1
        thread.join()
        check_whole(spool, whole, "a mail reader at work")
        undo_all(spool)
        check_whole(spool, whole, "after undo")
        print(f"{done[0]} renames by a mail reader during {runs} runs: 0 lost, 0 doubled")

    for journals in (1, 2):
        with scratch() as folder:
            first = Spool(program, folder, messages=200)
            second = Spool(program, folder, messages=0, journal=first.folder / "J2" if journals == 2 else None)
            whole, statuses = first.contents(), []
            for i in range(40):
                windows = ("windows.yaml", "none.yaml")[i % 2]
                both = [subprocess.Popen(s.command("apply", windows=windows), env=s.env, stderr=subprocess.DEVNULL)
                        for s in (first, second)]
                statuses += [p.wait() for p in both]
                check_whole(first, whole, f"two appliers, {journals} journals")
            other = set(statuses) - {0, 1, 75}
            if other:
                raise AssertionError(f"two appliers: exit {other}")
            print(f"two appliers at once with {journals} journal(s), 40 times: {statuses.count(75)} refused, "
                  "0 lost, 0 doubled")
    print(f"{time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
