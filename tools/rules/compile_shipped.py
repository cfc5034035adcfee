#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""compile_shipped.py NDRSCAN RULES FILE DEPFILE - the shipped rules compiled while ndrscan is built.

The folder itself is named in DEPFILE too: a file that comes or goes changes it.
"""
import os
import pathlib
import subprocess
import sys

ndrscan, rules, file, depfile = sys.argv[1:]
subprocess.run([ndrscan, "rules", "compile", "--to", file], check=True, stdout=subprocess.DEVNULL,
               env=dict(os.environ, NDRSCAN_ROOT="/nonexistent"))  # this machine's settings are none of its
names = [rules, *sorted(str(path) for path in pathlib.Path(rules).glob("*.yaml"))]
pathlib.Path(depfile).write_text(f"{file}: {' '.join(name.replace(' ', chr(92) + ' ') for name in names)}\n",
                                 encoding="utf-8")
