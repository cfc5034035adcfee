# SPDX-License-Identifier: BSD-3-Clause
# mail that others put into Junk stays there, bounces too
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
mkdir -p M/.Junk/cur M/.Junk/new M/.Junk/tmp
cp "$DATA/bounce.eml" M/.Junk/cur/1.theirs:2,
cp "$DATA/bounce.eml" M/cur/2.ours:2,
apply --windows "$DATA/windows.yaml" M
apply --no-windows M
tree
