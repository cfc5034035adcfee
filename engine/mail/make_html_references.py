#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""make_html_references.py [entities.json] > html_references.h

The named character references of HTML, as a table for html.c. Source: WHATWG, HTML 13.5,
https://html.spec.whatwg.org/entities.json; without that file, Python's copy of it. Those
that may stand without a semicolon are taken with it alone.
"""
import html.entities
import json
import sys

HEAD = """/* SPDX-License-Identifier: BSD-3-Clause */
/* html_references.h - what do the names of HTML's character references stand for? Made by
 * make_html_references.py from WHATWG's entities.json. */
#ifndef NDR_HTML_REFERENCES_H
#define NDR_HTML_REFERENCES_H

#include <stdint.h>

/* clang-format off */
"""


def load(path):
    """{name without & and ;: its code points}"""
    if path is None:
        texts = html.entities.html5
    else:
        with open(path, encoding="utf-8") as file:
            texts = {name[1:]: row["characters"] for name, row in json.load(file).items()}
    return {name[:-1]: [ord(c) for c in text] for name, text in texts.items() if name.endswith(";")}


def lines(words, width=90):
    line = "   "
    for word in words:
        if len(line) + 1 + len(word) > width:
            yield line
            line = "   "
        line += " " + word
    yield line


def main():
    found = load(sys.argv[1] if len(sys.argv) > 1 else None)
    names = sorted(found, key=str.encode)
    assert all(1 <= len(found[n]) <= 2 and n.isalnum() and n.isascii() and n[0].isalpha() for n in names)
    longest = max(map(len, names))
    rows, pools = [], []
    at, letter = 0, ""
    for name in names:
        code = found[name] + [0]
        assert at < 1 << 16 and code[1] < 1 << 16 and code[0] < 1 << 24
        if name[0] != letter:
            at += letter != ""  # the NUL behind a letter's
            pools.append((name[0], []))
        letter = name[0]
        rows.append(f"{{{at}, {code[1]:#x}, {code[0]:#x}, {len(name)}}},")
        pools[-1][1].append(name)
        at += len(name)
    first = [sum(n[0] < chr(64 + i) for n in names) for i in range(65)]
    out = [HEAD + f"enum {{ REFERENCE_BYTES = {longest} }}; /* of the longest name */", "",
           "/* All names, in byte order, those of a letter together: literals may not be long. */",
           "static const struct {",
           *(f"    char {x}[{len(''.join(n)) + 1}];" for x, n in pools), "} reference_names = {"]
    for _, names_of in pools:
        out += list(lines(f'"{n}"' for n in names_of))
        out[-1] += ","
    out += ["};"]
    out += ["", "static const struct {",
            "    uint16_t at;        /* of the name in reference_names */",
            "    uint16_t second;    /* code point, or 0 */",
            "    uint32_t code : 24;",
            "    uint32_t len : 8;", "} references[] = {", *lines(rows), "};", "",
            "/* The first row whose name begins with 64 + i or what stands behind it. */",
            "static const uint16_t reference_first[65] = {",
            *lines(f"{n}," for n in first), "};", "", "#endif"]
    print("\n".join(out))


main()
