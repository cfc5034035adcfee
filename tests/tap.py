# SPDX-License-Identifier: BSD-3-Clause
"""tap.py - what did a test see? Said as TAP, one line for each sentence."""
import time

DEADLINE = 60  # seconds, for what takes one or two on an idle machine
SEEN_BYTES = 3000

tests = []


def ok(good, sentence, seen=""):
    """The sentence holds, or it does not, and `seen` is what was there instead."""
    tests.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(tests)} - {sentence}", flush=True)
    if not good:
        print("\n".join("# " + line for line in str(seen)[-SEEN_BYTES:].splitlines()), flush=True)


def until(condition):
    """Wait for it; False if it did not come."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def ended():
    """The plan, last; the exit status."""
    print(f"1..{len(tests)}")
    return 0 if all(tests) else 1
