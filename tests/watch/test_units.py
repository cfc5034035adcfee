#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""test_units.py FOLDER NDRSCAN - does systemd take the units that are shipped, and ndrscan their options?

Says TAP; what needs systemd is skipped where there is none.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FOLDER, PROGRAM = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
tests = []


def ok(good, sentence, seen=""):
    tests.append(good)
    print(f"{'ok' if good else 'not ok'} {len(tests)} - {sentence}")
    if not good:
        print("\n".join("# " + line for line in str(seen).splitlines()))


with tempfile.TemporaryDirectory() as temp:
    units = []
    for unit in sorted(FOLDER.iterdir()):
        text = unit.read_text().replace("@bindir@/ndrscan", str(PROGRAM))
        units.append(pathlib.Path(temp) / unit.name.removesuffix(".in"))
        units[-1].write_text(text)
        for line in re.findall(r"^ExecStart=\S+ (.*)$", text, re.M):
            words = line.split()
            verb = words[:2] if words[0] == "windows" else words[:1]
            told = subprocess.run([PROGRAM, *verb, "--help"], capture_output=True, text=True, check=True).stdout
            unknown = [w for w in words if w.startswith("--") and w.split("=")[0] not in told]
            ok(not unknown, f"{unit.name}: {' '.join(verb)} knows its options", unknown)
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True,
                              check=False)
        wrong = [line for line in done.stderr.splitlines() if temp in line or "ndrscan" in line]
        ok(not wrong, "systemd takes them", done.stderr)
    else:
        ok(True, "systemd takes them # SKIP systemd-analyze is not installed")
print(f"1..{len(tests)}")
sys.exit(0 if all(tests) else 1)
