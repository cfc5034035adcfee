#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""kinds.py - does the scan say of each message here what the name of its folder says?

usage: kinds.py NDRSCAN

A folder is named like the kind of bounce that its messages are; those in "none" look like
bounces and are none. The shipped rules decide. Prints TAP, a line a folder, and names each
message that is taken for something else, with the rule that took it. Exit status 1 when there is one.
"""
import json
import pathlib
import subprocess
import sys

KINDS = {"failed", "delayed", "delivered", "rejected-content", "challenge", "auto-reply",
         "receipt", "feedback", "none"}


def main():
    here = pathlib.Path(__file__).resolve().parent
    wanted = {str(f): f.parent.name for f in sorted(here.glob("*/*.eml"))}
    if set(wanted.values()) != KINDS:
        sys.exit("kinds.py: the folders of mail are not those of the kinds: %s"
                 % " ".join(sorted(set(wanted.values()) ^ KINDS)))
    run = subprocess.run(
        [sys.argv[1], "scan", "--quiet", "--no-windows", "--format", "message", "--emit", "all",
         "--files-from", "-"],
        input="".join(name + "\n" for name in wanted), stdout=subprocess.PIPE, text=True,
        check=True)
    said = {}
    for line in run.stdout.splitlines():
        record = json.loads(line)
        said[record["source"]] = (record.get("kind") or "none", record.get("rule"))
    wrong = 0
    print("1..%d" % len(KINDS))
    for number, kind in enumerate(sorted(KINDS), 1):
        names = [name for name, k in wanted.items() if k == kind]
        bad = [name for name in names if said.get(name, ("unread",))[0] != kind]
        print("%s %d - %d messages are %s" % ("not ok" if bad else "ok", number, len(names), kind))
        for name in bad:
            print("# %s: %s" % (pathlib.Path(name).relative_to(here),
                                " by ".join(filter(None, said.get(name, ("unread",))))))
        wrong += len(bad)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
