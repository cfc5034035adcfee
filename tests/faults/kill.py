#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""kill.py NDRSCAN KILLS - kill -9 at random moments of apply, release and undo.

Nothing lost, nothing doubled after any kill; after each round trip every name, byte and
flag is what it was. Exit status 0, 1.
"""
import collections
import random
import subprocess
import sys
import time

from spool import Spool, check_undone, check_whole, reset_journal, scratch


def main():
    program, kills = sys.argv[1], int(sys.argv[2])
    rng = random.Random(7)
    begun = time.monotonic()
    seen = hit = trips = 0
    with scratch() as folder:
        spool = Spool(program, folder, messages=120)
        before = spool.names()
        whole = spool.contents()
        took = time.monotonic()
        spool.run("apply")
        took = time.monotonic() - took
        check_undone(spool, before, "first")
        reset_journal(spool)
        plans = (("apply", "windows.yaml"), ("apply", "none.yaml"), ("undo", None))
        # how long each took of late, killed or not: what has nothing to do is soon over, and what else
        # the machine does changes
        lasted = {plan: collections.deque([took], maxlen=8) for plan in plans}
        while hit < kills:
            for _ in range(rng.randint(2, 12)):
                plan = verb, windows = rng.choice(plans)
                started = time.monotonic()
                child = subprocess.Popen(spool.command(verb, windows=windows or ""), env=spool.env,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    child.wait(timeout=rng.uniform(0, max(lasted[plan]) * 1.2))
                except subprocess.TimeoutExpired:
                    child.kill()
                    hit += 1
                child.wait()
                lasted[plan].append(time.monotonic() - started)
                seen += 1
                if hit % 10 == 0:
                    check_whole(spool, whole, f"run {seen}")
            check_whole(spool, whole, f"run {seen}")
            check_undone(spool, before, f"round trip {trips}")
            check_whole(spool, whole, "after undo")
            reset_journal(spool)
            trips += 1
    print(f"{hit} kills in {seen} runs, {trips} round trips, {time.monotonic() - begun:.0f} s: 0 lost, 0 doubled, "
          "undo exact")
    return 0


if __name__ == "__main__":
    sys.exit(main())
