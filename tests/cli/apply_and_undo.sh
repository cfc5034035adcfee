# SPDX-License-Identifier: BSD-3-Clause
# junk goes to Junk, a second run finds nothing to do, undo puts back name by name
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" 'M/cur/1.a,S=9:2,Sab'
cp "$DATA/bounce.eml" M/new/2.a
cp "$DATA/letter.eml" M/cur/3.a:2,S
cp "$DATA/delayed.eml" M/new/4.a
tree >before
"$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" M 2>&1
tree
cksum M/.Junk/cur/* M/cur/* | cut -d' ' -f1,2
apply --output table --windows "$DATA/windows.yaml" M
"$NDRSCAN" runs | cut -c1-64
"$NDRSCAN" undo 2>&1
tree | diff before - && echo as before
"$NDRSCAN" undo
