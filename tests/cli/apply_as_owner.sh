# SPDX-License-Identifier: BSD-3-Clause
# root over a user's Maildir has to say so; what is made is the user's
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
[ "$(id -u)" = 0 ] || { echo 'skipped: not root' >&2; exit 77; }
chmod 755 .
cp "$DATA/bounce.eml" M/cur/1.a:2,S
chmod 2750 M
chown -R 65534:65534 M
apply --windows "$DATA/windows.yaml" M
echo $?
apply --as-owner --windows "$DATA/windows.yaml" M
find M -printf '%P %U %G %m\n' | LC_ALL=C sort
chmod 2700 M/cur
chown 0:0 M/cur
"$NDRSCAN" undo -q
echo $?
"$NDRSCAN" undo -q --as-owner
echo $?
chown 65534:65534 M/cur
"$NDRSCAN" undo -q --as-owner
echo $?
tree
