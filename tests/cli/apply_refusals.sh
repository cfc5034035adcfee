# SPDX-License-Identifier: BSD-3-Clause
# what is refused, and why
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
try() { "$@"; echo "$?" >&2; }
apply2() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
mkdir plain
try apply2 --windows "$DATA/windows.yaml"
try apply2 M
try apply2 --windows "$DATA/windows.yaml" plain missing M
try apply2 --windows "$DATA/windows.yaml" --junk-folder ../x M
try apply2 --windows "$DATA/windows.yaml" --junk-folder cur M
try apply2 --windows "$DATA/windows.yaml" --from-verdicts x --release M
try "$NDRSCAN" undo
try "$NDRSCAN" undo 20080513T080000Z-1
try "$NDRSCAN" undo a b
try "$NDRSCAN" runs x
mkdir -m 0770 J
try apply2 --windows "$DATA/windows.yaml" --journal J M
try "$NDRSCAN" runs --journal J
chmod 0700 J
echo 'hello' >J/20080513T080000Z-1.run
try "$NDRSCAN" runs --journal J
printf 'one\ntwo\n' >J/20080513T080000Z-1.run
try apply2 --windows "$DATA/windows.yaml" --journal J M
