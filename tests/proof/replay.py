#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""replay.py NDRSCAN RULES [BOUNCES] - how many bounces of one captured message does a window spare?

The signed message of RFC 8463 A.3 comes back from BOUNCES (300) strangers to whom others sent it,
and some times from whom it was written to. A scan spares the latter, and of the former no more
than a weak proof is believed for; apply, which counts before it judges, none.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from quoted_forms import FIELDS, IDENTITY, PARTS, RECEIVED, SAYS, SIGNED, TOP, WINDOWS

CAP, STRONG = 20, 25


def write(box, count):
    for sub in ("cur", "new", "tmp"):
        (box / sub).mkdir(parents=True)
    mail = TOP + PARTS.format(says=SAYS, returned="{}")
    ours = RECEIVED + SIGNED + FIELDS
    for i in range(count):
        text = mail.replace("suzie@", f"victim{i}@").replace("{}", ours)
        (box / "new" / f"1058004000.V{i}.mx").write_text(text)
    for i in range(STRONG):  # among them
        (box / "new" / f"1058004000.V{i * max(1, count // STRONG)}s.mx").write_text(mail.replace("{}", ours))
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "65534:65534", box], check=True)


def main(ndrscan, rules, count):
    with tempfile.TemporaryDirectory(prefix="ndrscan-replay-") as place:
        place = pathlib.Path(place)
        place.chmod(0o755)
        write(place / "box", count)
        (place / "identity.yaml").write_text(IDENTITY)
        (place / "windows.yaml").write_text(WINDOWS)
        env = dict(os.environ, XDG_STATE_HOME=str(place / "state"), XDG_CONFIG_HOME=str(place / "config"))

        def run(*words):
            done = subprocess.run([ndrscan, *words, "--no-shipped-rules", "--rules", rules, "--identity",
                                   place / "identity.yaml", "--windows", place / "windows.yaml", place / "box"],
                                  env=env, capture_output=True, check=False, text=True)
            if done.returncode != 0:
                sys.exit(f"ndrscan {words[0]}: {done.returncode} {done.stderr}")
            return done.stdout

        kept = collections.Counter()
        for line in run("scan", "-q").splitlines():
            record = json.loads(line)
            if record["verdict"] == "keep":
                proofs = record["evidence"]["proofs"]
                kept[next(p["proof"] for p in proofs if p["result"] == "pass")] += 1
        print(f"scan spares {dict(kept)} of {count + STRONG}")
        run("apply", "-q", *(["--as-owner"] if os.geteuid() == 0 else []))
        left = list((place / "box" / "new").iterdir())
        moved = sum(1 for sub in ("cur", "new") for _ in (place / "box" / ".Junk" / sub).iterdir())
        print(f"apply leaves {len(left)} and moves {moved}")
        strong = all(path.name.endswith("s.mx") for path in left) and len(left) == STRONG
        good = kept["dkim-to"] == STRONG and kept["dkim"] <= CAP and len(kept) <= 2 and strong and moved == count
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3], int(sys.argv[3]) if len(sys.argv) > 3 else 300))
