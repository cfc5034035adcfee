# SPDX-License-Identifier: BSD-3-Clause
# what its user deleted or moved on meanwhile is told, the rest comes back
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
for i in 1 2 3; do cp "$DATA/bounce.eml" M/cur/$i.a:2,S; done
apply --windows "$DATA/windows.yaml" M
rm M/.Junk/cur/1.a:2,S
mkdir -p M/.Mine/cur M/.Mine/new M/.Mine/tmp
mv M/.Junk/cur/2.a:2,S M/.Mine/cur/2.a:2,S
"$NDRSCAN" undo
echo $?
tree
