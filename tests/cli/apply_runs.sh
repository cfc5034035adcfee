# SPDX-License-Identifier: BSD-3-Clause
# runs as a table and as records
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
"$NDRSCAN" runs
mkdir -p N/cur N/new N/tmp
for i in 1 2 3; do cp "$DATA/bounce.eml" M/cur/$i.a:2,S; done
cp "$DATA/bounce.eml" N/cur/9.a:2,S
apply --windows "$DATA/windows.yaml" M N
apply --no-windows N
"$NDRSCAN" undo -q
"$NDRSCAN" undo -q
"$NDRSCAN" runs
"$NDRSCAN" runs --output jsonl
ls state/ndrscan/journal | cut -d- -f2 | LC_ALL=C sort
tree
