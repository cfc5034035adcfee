#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""descriptors.py SOURCE - is every descriptor that the code makes closed in what it starts?

Looks at each call that makes one: it says CLOEXEC itself, or by a name that is given its
flags in the same file, or its line says whom it is left open for ("are to have it",
"inherits it", "for it", "kept:").
"""
import pathlib
import re
import sys

ROOMS = ("engine", "io", "rules", "tools")
NEVER = r"pipe|dup|creat|mkstemp|epoll_create|inotify_init|accept|tmpfile|eventfd0|popen"
FLAGS = r"open|openat|pipe2|socket|socketpair|accept4|mkostemp|memfd_create|eventfd|" \
    r"epoll_create1|inotify_init1|fopen|signalfd|timerfd_create|fanotify_init|openat2|dup3"
CALL = re.compile(rf"(?<![\w.>])(?:(?P<never>{NEVER})|(?P<flags>{FLAGS}))\(")
LEFT_OPEN = re.compile(r"to have it|inherits it|open for it|kept:")


def arguments(text, at):
    """What stands between the parenthesis before `at` and the one that closes it."""
    depth, end = 1, at
    while depth > 0:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return text[at:end - 1]


def is_closed(text, inside):
    if "CLOEXEC" in inside or re.search(r'"[rwa+]*e[rwa+]*"', inside):
        return True
    return any(re.search(rf"\b{name}\b[^;]*=[^;=][^;]*CLOEXEC", text)
               for name in set(re.findall(r"[a-z_]\w*", inside)))


def main():
    root, bad, calls = pathlib.Path(sys.argv[1]), [], 0
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.[ch]")):
            text = path.read_text(encoding="utf-8")
            code = re.sub(r'/\*.*?\*/', lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)
            lines = text.split("\n")
            for m in CALL.finditer(code):
                line = code.count("\n", 0, m.start())
                if "#" in code.split("\n")[line][:1] or code[code.rfind("\n", 0, m.start()) + 1:m.start()] == "":
                    continue # a definition begins its line
                calls += 1
                inside = arguments(code, m.end())
                if m.group("flags") and is_closed(code, inside):
                    continue
                if any(LEFT_OPEN.search(words) for words in lines[max(0, line - 2):line + 2]):
                    continue
                bad.append(f"{path.relative_to(root)}:{line + 1}: {m.group()}{inside})")
    print(f"{calls} calls make descriptors")
    if calls < 50:
        bad.append("so few calls: this test no longer finds them")
    for b in bad:
        print("left open in programs that are started:", " ".join(b.split()))
    return 1 if bad else 0


sys.exit(main())
