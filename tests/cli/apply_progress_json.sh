# SPDX-License-Identifier: BSD-3-Clause
# one object at the end in place of the table, also where there was nothing to do
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,S
cp "$DATA/letter.eml" M/cur/2.a:2,S
A="$NDRSCAN apply --no-shipped-rules --rules $DATA/rules.yaml --progress json"
$A --windows "$DATA/windows.yaml" M
$A --no-windows --dry-run M >/dev/null
"$NDRSCAN" undo --progress json
"$NDRSCAN" undo --progress json
mkdir none
$A --no-windows -r none
"$NDRSCAN" apply --no-windows -r none
