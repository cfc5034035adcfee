# SPDX-License-Identifier: BSD-3-Clause
# old runs go that nobody needs; one with mail in Junk stays, and what is told of it
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
old() { # the runs' files and first lines say May 2008
    python3 - state/ndrscan/journal/* <<'P'
import os, re, sys
for path in sys.argv[1:]:
    if not path.endswith(".run"):
        continue
    lines = open(path).read().split("\n")
    words = re.sub(r"(ndrscan-journal 2 \w+) \d+", r"\1 1210665600", lines[0][9:])
    h = 0x811c9dc5
    for c in words.encode():
        h = (h ^ c) * 0x01000193 & 0xffffffff
    lines[0] = f"{h:08x} {words}"
    open(path, "w").write("\n".join(lines))
P
}
try() { "$@"; echo "$?" >&2; }
mkdir -p M/cur M/new M/tmp N/cur N/new N/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,S
cp "$DATA/bounce.eml" N/cur/2.a:2,S
try "$NDRSCAN" runs --prune 90d
apply --windows "$DATA/windows.yaml" M
"$NDRSCAN" undo -q
apply --windows "$DATA/windows.yaml" N
apply --again --windows "$DATA/windows.yaml" M
"$NDRSCAN" undo -q
try "$NDRSCAN" runs --prune 90d
old
try "$NDRSCAN" runs --prune 90d --dry-run
ls state/ndrscan/journal | wc -l
flock state/ndrscan/journal/lock "$NDRSCAN" runs --prune 90d
echo $? >&2
try "$NDRSCAN" runs --prune 90d --output jsonl
"$NDRSCAN" runs
apply --again --windows "$DATA/windows.yaml" M
"$NDRSCAN" undo -q
rm N/.Junk/cur/*
"$NDRSCAN" runs --prune 90d >/dev/full
echo $? >&2
"$NDRSCAN" runs
find M N -type f ! -name maildirfolder | LC_ALL=C sort
rm M/cur/*
old
"$NDRSCAN" runs --prune 90d
try "$NDRSCAN" runs --prune 3
try "$NDRSCAN" runs --dry-run
