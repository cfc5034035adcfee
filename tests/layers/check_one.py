#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_one.py ROOT - does anything stand a second time that stands once in engine/base?

Prints FILE:LINE: what it is and where it stands already, a line each; exit status 0 none,
1 some.
"""
import pathlib
import re
import sys

# What it is, how a second one is known, where it stands, and which others may have it.
ONCE = [
    ("a hash", r"(?i)0x9e3779b9|0x100000001b3|0x01000193|\b16777619|\b5381\b|xxhash\.h", "engine/base/hash.c",
     {"engine/match/ruleset.c",       # two words, not bytes
      "io/move/journal_line.c",       # journals are kept
      "io/stats/count_id.c",          # statistics, too
      "io/sent/sent_segment.c"}),     # XXH3 of a stream
    ("the monotonic clock", r"clock_gettime\(CLOCK_MONOTONIC", "engine/base/clock.c", set()),
    ("the value of a hexadecimal digit", r"'[aA]' \+ 10|\"0123456789(abcdef|ABCDEF)\"", "engine/include/ndr_hex.h",
     set()),
    ("bytes written until all are", r"ssize_t \w+ = write\(", "engine/base/file.c", set()),
    ("a library that is loaded", r"\bdlsym\(", "engine/base/library.c", set()),
    ("a file without a name", r"O_TMPFILE \|", "engine/base/file.c",
     {"io/sink/copy.c"}),             # changes names with what it replaces
    ("a folder's missing parents", r"\bmkdir\(", "engine/base/file.c",
     {"io/sent/sent_care.c", "io/sent/sent_folder.c"}),  # one folder, no parents
]


def main():
    root = pathlib.Path(sys.argv[1])
    wrong = 0
    for folder in ("engine", "rules", "io", "tools"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            name = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text().splitlines(), 1):
                for what, sign, home, others in ONCE:
                    if re.search(sign, line) and name != home and name not in others:
                        print(f"{name}:{number}: {what}: stands in {home}")
                        wrong += 1
    for what, _, home, others in ONCE:
        for name in sorted({home, *others}):
            if not (root / name).exists():
                print(f"{name}:1: {what}: is told to stand here")
                wrong += 1
    return 1 if wrong else 0


sys.exit(main())
