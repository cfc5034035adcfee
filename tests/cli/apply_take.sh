# SPDX-License-Identifier: BSD-3-Clause
# a window that comes to take less releases what it no longer takes; one that takes more asks anew
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --output table "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
takes() { { cat "$DATA/windows.yaml"; echo "    take: $1"; } >w.yaml; apply --windows w.yaml M; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/new/1.a
takes all
takes all-but-ours
takes forged
tree
takes all-but-ours
"$NDRSCAN" undo -q 2>&1
takes all-but-ours
takes forged
tree
takes all
tree
