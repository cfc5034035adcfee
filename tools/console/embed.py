#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""embed.py - how do the page's files get into the program?

usage: embed.py OUT NAME=FILE...

Writes a C file with one row of assets.h for each FILE, reached below /assets/NAME?v=HASH.
A file that is not there is an error: a page without its script is no page.
"""
import hashlib
import sys

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
         "svg": "image/svg+xml", "json": "application/json"}


def main():
    out, files = sys.argv[1], [a.split("=", 1) for a in sys.argv[2:]]
    c = ['/* made by embed.py */', '#include "assets.h"', '']
    rows = []
    for i, (name, path) in enumerate(files):
        with open(path, "rb") as f:
            data = f.read()
        c.append(f"static const unsigned char bytes_{i}[] = {{")
        c += [",".join(map(str, data[at:at + 32])) + "," for at in range(0, len(data), 32)]
        c.append("};")
        kind = TYPES[name.rsplit(".", 1)[1]]
        mark = hashlib.sha256(data).hexdigest()[:12]
        rows.append(f'    {{"{name}", "{kind}", "{mark}", {{bytes_{i}, sizeof bytes_{i}}}}},')
    c += ["", "const asset assets[] = {"] + rows + ["    {0},", "};", ""]
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(c))


main()
