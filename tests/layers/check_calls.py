#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""check_calls.py BUILD ROOM STAGE... - does every stage call only itself and those before it?

An include can be left out and a function declared by a public header: what an object
file needs tells whom it really calls. Prints CALLER: SYMBOL of STAGE, a line each; exit
status 0 none, 1 some, 2 no object files of ROOM in BUILD.
"""
import pathlib
import subprocess
import sys


def symbols(path):
    """The global symbols that an object file gives and those that it needs."""
    gives, needs = set(), set()
    done = subprocess.run(["nm", "-g", str(path)], text=True, capture_output=True, check=True)
    for line in done.stdout.splitlines():
        words = line.split()
        (needs if words[-2] in "Uw" else gives).add(words[-1])
    return gives, needs


def main():
    build, room, stages = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    folder = build / f"libndr_{room}.a.p"
    files = {p: symbols(p) for p in sorted(folder.glob("*.o"))}
    if not files:
        print("no object files in", folder)
        return 2
    level = {p: next((n for n, s in enumerate(stages) if p.name.startswith(f"{room}_{s}_")), None)
             for p in files}
    owner = {symbol: p for p, (gives, _) in files.items() for symbol in gives}
    wrong = 0
    for p, (_, needs) in files.items():
        if level[p] is None:
            print(f"{p.name}: is in no stage of {room}")
            wrong += 1
            continue
        for symbol in sorted(needs & owner.keys()):
            if level[owner[symbol]] is not None and level[owner[symbol]] > level[p]:
                print(f"{p.name[:-2]}: {symbol} of {owner[symbol].name[:-2]}")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
