# SPDX-License-Identifier: BSD-3-Clause
# two runs at once: the second is told to come again, and changes nothing
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,S
mkdir -m 0700 J
flock J/lock "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --windows "$DATA/windows.yaml" --journal J M
echo $?
flock J/lock "$NDRSCAN" undo --journal J
echo $?
flock M "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --windows "$DATA/windows.yaml" --journal J M
echo $?
tree
