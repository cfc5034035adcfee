#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""tables.py SOURCE - are tables that a script makes of a standard's data what it makes?

Prints TAP; skipped where the data is missing or of another version.
"""
import html.entities
import pathlib
import subprocess
import sys
import unicodedata

SOURCE = pathlib.Path(sys.argv[1])
REFERENCES = 2231  # of WHATWG's list, to which nothing may be added any more


def made_by(script):
    return subprocess.run([sys.executable, SOURCE / script], check=True, stdout=subprocess.PIPE).stdout


def main():
    ranges = (SOURCE / "engine/match/fold_ranges.h").read_bytes()
    tables = [("the names of HTML's references are WHATWG's", "engine/mail/make_html_references.py",
               "engine/mail/html_references.h", len(html.entities.html5) == REFERENCES),
              ("letters are folded as Unicode does", "engine/match/make_fold_ranges.py",
               "engine/match/fold_ranges.h", f"Unicode {unicodedata.unidata_version}.".encode() in ranges)]
    wrong = 0
    print(f"1..{len(tables)}")
    for number, (name, script, table, has_data) in enumerate(tables, 1):
        if not has_data:
            print(f"ok {number} - {name} # SKIP this Python has another list")
            continue
        same = made_by(script) == (SOURCE / table).read_bytes()
        wrong += not same
        print(f"{'ok' if same else 'not ok'} {number} - {name}")
    return 1 if wrong else 0


sys.exit(main())
