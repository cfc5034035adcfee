# SPDX-License-Identifier: BSD-3-Clause
# a Junk folder without a dot, and folders of folders
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
for f in Old Old/2007 Junk; do mkdir -p M/$f/cur M/$f/new M/$f/tmp; done
cp "$DATA/bounce.eml" M/Old/2007/cur/1.a:2,S
cp "$DATA/bounce.eml" M/cur/2.a:2,S
apply --junk-folder Junk --windows "$DATA/windows.yaml" M
find M -type f | LC_ALL=C sort
"$NDRSCAN" undo -q
tree
