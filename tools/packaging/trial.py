# SPDX-License-Identifier: BSD-3-Clause
"""What install_trial.py and services_trial.py have in common; it lies beside them inside their Debian."""
import pathlib
import subprocess
import time

TRIAL = pathlib.Path("/trial")
DOMAIN = "example.com"
DEADLINE = 60  # seconds for what must come to pass
_wrong = []


def ok(good, sentence, seen=""):
    """Say whether it is as it should be, and if it is not, the end of what was seen."""
    if not good:
        _wrong.append(sentence)
    print(("ok: " if good else "FAILED: ") + sentence, flush=True)
    for line in "" if good else str(seen).splitlines()[-25:]:
        print("    " + line)


def wrong():
    """How many were not."""
    return len(_wrong)


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, **more)


def until(question, seconds=DEADLINE):
    """Whether it was answered yes within so many seconds."""
    end = time.monotonic() + seconds
    while not question() and time.monotonic() < end:
        time.sleep(0.1)
    return bool(question())
