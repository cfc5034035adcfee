# SPDX-License-Identifier: BSD-3-Clause
"""What the drivers in Python share: the loop over the paths, its clock and its alarm."""
import signal
import sys
import time


class TimeOut(BaseException):
    """Not an Exception: those a program under test may catch."""


def alarm(_signal, _frame):
    raise TimeOut


def unavailable(why):
    print(why, file=sys.stderr)
    sys.exit(77)


def run(is_bounce):
    """Ask is_bounce(bytes of a message) about every path on standard input."""
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    spent = slowest = 0.0
    count = 0
    signal.signal(signal.SIGALRM, alarm)
    for line in sys.stdin:
        path = line.rstrip("\n")
        start = time.perf_counter()
        found = False
        try:
            signal.setitimer(signal.ITIMER_REAL, limit)
            with open(path, "rb") as file:
                found = bool(is_bounce(file.read()))
        except TimeOut:
            print(path, "timeout", sep="\t")
            continue
        except Exception:  # what it cannot read it does not find
            found = False
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        took = time.perf_counter() - start
        print(path, int(found), sep="\t")
        spent += took
        count += 1
        slowest = max(slowest, took)
    print("#", f"{spent:.6f}", count, f"{slowest:.6f}", sep="\t")
