#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_openings.py OPENINGS - do windows open themselves rightly, in small? bench/README.md has the long run.

Says TAP.
"""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from tap import ended, ok # pylint: disable=wrong-import-position

done = subprocess.run([sys.argv[1], "--weeks", "200", "--storms", "15", "--pulses", "10"], capture_output=True, text=True, check=True)
rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if line.startswith("|")]
weeks = [row for row in rows if len(row) == 6 and row[1] == "200"]
storms = [row for row in rows if len(row) == 12 and row[1] == "15 of 15"]
pulses = [row for row in rows if len(row) == 12 and row[1] == "10 of 10"]
ok(len(weeks) == 3 and len(storms) == 7 and len(pulses) == 11, "three kinds of weeks, seven shapes, eleven periods", done.stdout)
for row in weeks:
    most = 0 if row[0].startswith("usual") else 1
    ok(int(row[3]) > 100 and int(row[4]) <= most, f"{row[0]}: often many, and at most {most} window opens itself", row)
for row in storms:
    ok(int(row[6]) == 0, f"{row[0]}: all are found in time", row)
    ok(int(row[7]) == 0, f"{row[0]}: none is called over in the midst of it", row)
    ok(int(row[11]) <= 3, f"{row[0]}: most windows end within 45 minutes of it", row)
for row in pulses:
    ok(int(row[7]) == 0, f"{row[0]}: none is called over between two", row)
sys.exit(ended())
