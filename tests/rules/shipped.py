#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""shipped.py - are the shipped rules written so that people can read them?

usage: shipped.py FOLDER
"""
import collections
import os
import sys

import yaml

LINE_LIMIT = 120


def signals_of(data):
    """Every signal that is written out in a file, with its name or its rule's id."""
    yield from ((name, s) for name, s in (data.get("signals") or {}).items())
    yield from (("candidates", s) for s in data.get("candidates") or [])
    for rule in data.get("rules") or []:
        for key in ("all", "any", "none"):
            yield from ((rule["id"], s) for s in rule.get(key) or [])


def pattern_of(signal):
    match = signal.get("match", "")
    one = match if isinstance(match, str) else "|".join(match)
    return signal.get("before", "") + "(" + one + ")" + signal.get("after", "")


def main():
    folder, long, written, named, used = sys.argv[1], [], collections.defaultdict(list), {}, set()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            text = f.read()
        long += ["%s:%d: %d characters" % (name, i, len(line))
                 for i, line in enumerate(text.split("\n"), 1) if len(line) > LINE_LIMIT]
        data = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        named.update((n, name) for n in data.get("signals") or {})
        for where, signal in signals_of(data):
            if isinstance(signal, str):
                used.add(signal)
                continue
            written[signal["in"], pattern_of(signal), "absent" in signal].append(
                "%s: %s" % (name, where))
    doubled = ["%s, in %s: %s" % (" and ".join(places), key[0], key[1][:60])
               for key, places in written.items() if len(places) > 1]
    unused = ["%s: %s" % (where, n) for n, where in named.items() if n not in used]
    print("1..3")
    for i, (what, found) in enumerate((("no line is longer than %d" % LINE_LIMIT, long),
                                       ("no signal is written twice", doubled),
                                       ("no named signal is unused", unused)), 1):
        print("%sok %d - %s" % ("not " if found else "", i, what))
        for line in found:
            print("# " + line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
