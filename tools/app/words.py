#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""words.py WORDS_H OUT LANGUAGE.json... - how do the words for people get into the programs?

Writes word_table of words.h. A language that lacks a key or has one too many, or fills in
other things than the first one named, is an error: nothing is told half in English.
"""
import json
import pathlib
import re
import sys

FILLED = re.compile(r"\{([0-4n])\}")


def read(path):
    """{key: (one, other)}."""
    words = {}

    def once(pairs):
        for key, _ in pairs:
            if sum(key == other for other, _ in pairs) > 1:
                sys.exit(f"{path}: {key}: is there twice")
        return dict(pairs)

    for key, text in json.loads(pathlib.Path(path).read_text(encoding="utf-8"), object_pairs_hook=once).items():
        one, other = (text["one"], text["other"]) if isinstance(text, dict) else (text, text)
        if not one.strip() or not other.strip():
            sys.exit(f"{path}: {key}: is empty")
        for words_of in (one, other):
            if set("{}<>&") & set(FILLED.sub("", words_of)):
                sys.exit(f"{path}: {key}: only {{0}} to {{4}} and {{n}} are filled in, and no markup")
        words[key] = (one, other)
    return words


def filled(text):
    return set(FILLED.findall(text))


def main():
    header, out, *files = sys.argv[1:]
    text = pathlib.Path(header).read_text(encoding="utf-8")
    names = [n for n in re.findall(r"\bW_([A-Z_]+)\b", text) if n != "COUNT"]
    keys = [n.lower() for n in dict.fromkeys(names)]
    first = read(files[0])
    c = ["/* made by words.py */", '#include "app/words.h"', "",
         "const word_row word_table[LANG_COUNT][W_COUNT] = {"]
    for path in files:
        words = read(path)
        wrong = set(keys) ^ set(words)
        if wrong:
            sys.exit(f"{path}: {', '.join(sorted(wrong))}: in one of this file and words.h, and not in the other")
        for key, (one, other) in words.items():
            if filled(other) != filled(first[key][1]) or filled(one) - filled(other):
                sys.exit(f"{path}: {key}: fills in other things than {files[0]}")
        c.append(f"    [LANG_{pathlib.Path(path).stem.upper()}] = {{")
        for key in keys:
            one, other = (json.dumps(w, ensure_ascii=False) for w in words[key])
            c.append(f"        [W_{key.upper()}] = {{{one}, {other}}},")
        c.append("    },")
    c += ["};", "const char *const word_key[W_COUNT] = {"]
    c += [f"    [W_{key.upper()}] = {json.dumps(key)}," for key in keys] + ["};", ""]
    pathlib.Path(out).write_text("\n".join(c), encoding="utf-8")


main()
