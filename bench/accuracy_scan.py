# SPDX-License-Identifier: BSD-3-Clause
"""What does a scanner say of a list of files?"""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True


def scan(command, paths):
    """The records of a scanner over the paths: the first message of each file."""
    run = subprocess.run(command, input="".join(p + "\n" for p in paths), text=True,
                         stdout=subprocess.PIPE)
    if run.returncode not in (0, 1):
        sys.exit("%s: exit status %d" % (command[0], run.returncode))
    records = {}
    for line in run.stdout.splitlines():
        record = json.loads(line)
        records.setdefault(record["source"], record)
    return records


def percent(part, whole):
    return 100.0 * part / whole if whole else 0.0
