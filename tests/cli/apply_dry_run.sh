# SPDX-License-Identifier: BSD-3-Clause
# what would be done, for people and for programs; nothing changes, not even the journal is made
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,Sab
sed 's/Wed, 14 May 2008/Sat, 17 May 2008/' "$DATA/bounce.eml" >M/new/2.a
cp "$DATA/letter.eml" M/cur/3.a:2,S
apply --windows "$DATA/windows.yaml" --dry-run M
apply --windows "$DATA/windows.yaml" --dry-run --output jsonl M
tree
find . -name .Junk -o -name journal
apply --windows "$DATA/windows.yaml" M
tree
echo 'windows: []' >none.yaml
apply --windows none.yaml --dry-run --output jsonl M
apply --windows none.yaml --dry-run --output jsonl --junk M
"$NDRSCAN" undo --dry-run -q
tree
