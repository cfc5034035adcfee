#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""function_size.py ROOT - is every function short enough to be read at once?

No function has more than LINES lines between its braces, or BRANCHES ways through it (1, and
one for each if, for, while, case, ?, && and ||), but those that EXCUSED names: at most so
many lines and ways, for the reason beside them.
"""
import pathlib
import re
import sys

ROOMS = ("engine", "io", "rules", "tools", "bench")
LINES, BRANCHES = 60, 25
EXCUSED = {
    # one message's way through all stages, in their order: parts would share its whole state
    "engine/scan/scan.c: ndr_scan": (80, 40),
    # one message's text, as that system writes it
    "bench/gen_bounce_microsoft.c: put_m365": (65, 1),
    # a table of options, and a line for each
    "bench/hostile.c: read_options": (70, 25),
    "bench/ndrgen.c: main": (120, 40),
    "bench/white/rule_cost.c: read_options": (70, 25),
}
# its name begins a line, as its type has one of its own
DEFINITION = re.compile(r"^(?!typedef|struct|enum|union)(?P<name>[A-Za-z_]\w*)\([^;{}]*\)[\w\s()]*\n\{\n(?P<body>.*?)^\}",
                        re.M | re.S)
BRANCH = re.compile(r"\b(?:if|for|while|case)\b|\?|&&|\|\|")
WORDS = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """Comments and literals hold no branches; lines stay where they are."""
    return re.sub(r"[^\n]", " ", match.group())


def functions(text):
    """(name, its line, lines, ways) of each definition."""
    code = WORDS.sub(blank, text)
    for m in DEFINITION.finditer(code):
        body = m.group("body")
        yield m.group("name"), text.count("\n", 0, m.start()) + 1, body.count("\n"), 1 + len(BRANCH.findall(body))


def find(root):
    """How many there are, and words for each that is too long."""
    count, bad, seen = 0, [], set()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.[ch]")):
            name_of = path.relative_to(root).as_posix()
            for name, line, lines, ways in functions(path.read_text(encoding="utf-8")):
                count += 1
                key = f"{name_of}: {name}"
                seen.add(key)
                most_lines, most_ways = EXCUSED.get(key, (LINES, BRANCHES))
                if lines > most_lines or ways > most_ways:
                    bad.append(f"{name_of}:{line}: {name} has {lines} lines (of {most_lines}), "
                               f"{ways} ways (of {most_ways})")
    return count, bad + [f"{key} is excused, and not there" for key in EXCUSED if key not in seen]


# It must see what it is about: name, lines between the braces, ways.
SAMPLE = '''/* if (one) */
static int
plain(const char *p)
{
    const char *word = "if && ?";
    return *p == '?' && word != p ? 1 : 0;
}

typedef struct row {
    int x;
} row;

NDR_API int
spread(int a,
       int b) NDR_UNCHECKED
{
    switch (a) {
    case 1:
        while (b-- > 0 || a)
            ;
    }
    return 0;
}
'''
SEEN = [("plain", 3, 2, 3), ("spread", 14, 6, 4)]


def main():
    seen = list(functions(SAMPLE))
    if seen != SEEN:
        print("the sample is not seen as it is:", seen)
        return 1
    count, bad = find(pathlib.Path(sys.argv[1]))
    print(f"{count} functions, {len(EXCUSED)} excused")
    if count < 2500:
        bad.append("so few functions: this test no longer finds them")
    print(*bad, sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
