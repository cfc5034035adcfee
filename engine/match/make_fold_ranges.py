#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""make_fold_ranges.py > fold_ranges.h

Which letters beyond ASCII have a lower case that is as long in UTF-8 and begins with the
same byte where it has three: below U+0800, and from U+1000 to U+1FFF. Source: the simple
lower-case mappings of Unicode's UnicodeData.txt, as Python's unicodedata has them.
"""
import unicodedata

VERSION = unicodedata.unidata_version


def lower(code):
    """The simple mapping; what has none, or one out of reach, is its own."""
    text = chr(code).lower()
    near = len(text) == 1 and (ord(text) < 0x800 if code < 0x800 else 0x1000 <= ord(text) < 0x2000)
    return ord(text) if near and ord(text) >= 0x80 else code


def rows():
    """(from, to, step, shift), ascending."""
    left = [c for c in [*range(0x80, 0x800), *range(0x1000, 0x2000)] if lower(c) != c]
    while left:
        first, shift = left[0], lower(left[0]) - left[0]
        by = 2 if shift == 1 else 1
        n = 1
        while n < len(left) and left[n] == first + n * by and lower(left[n]) - left[n] == shift:
            n += 1
        if shift == 1:
            yield first, left[n - 1] + 1, 3 if first % 2 else 2, 0
        else:
            yield first, left[n - 1], 1, shift
        del left[:n]


def lines(words):
    line = "   "
    for word in words:
        if len(line) + 1 + len(word) > 90:
            yield line
            line = "   "
        line += " " + word
    yield line


def main():
    table = list(rows())
    first = [sum(to < page << 8 for _, to, _, _ in table) for page in range(0x20)]
    print("\n".join([
        "/* SPDX-License-Identifier: BSD-3-Clause */",
        "/* fold_ranges.h - which letters have a lower case? Made by make_fold_ranges.py from",
        f" * Unicode {VERSION}. */",
        "#ifndef NDR_FOLD_RANGES_H", "#define NDR_FOLD_RANGES_H", "", "#include <stdint.h>", "",
        "/* clang-format off */", "",
        "/* Letters from..to: `step` 1 adds `shift`; `step` 2 pairs even capitals with the next",
        " * letter, `step` 3 odd ones. */",
        "static const struct {", "    uint16_t from, to;", "    uint8_t step;", "    int16_t shift;",
        "} ranges[] = {",
        *lines(f"{{{f:#06x}, {t:#06x}, {step}, {'-' if s < 0 else ''}{abs(s):#x}}}," for f, t, step, s in table),
        "};", "",
        "/* The first row that may hold a letter, by its upper byte. */",
        "static const uint8_t first_row[0x20] = {", *lines(f"{n}," for n in first), "};", "", "#endif"]))


main()
