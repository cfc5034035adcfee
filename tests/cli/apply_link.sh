# SPDX-License-Identifier: BSD-3-Clause
# a Junk folder that is a link, before and after a run: nothing is moved through it
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --windows "$DATA/windows.yaml" "$@"; }
try() { "$@"; echo "$?" >&2; }
mkdir -p M/cur M/new M/tmp other/cur other/new
cp "$DATA/bounce.eml" M/cur/1.a:2,S
ln -s ../other M/.Junk
try apply M
rm M/.Junk
try apply -n M >/dev/full
try apply M
mv M/.Junk away
ln -s ../other M/.Junk
cp "$DATA/bounce.eml" M/cur/2.a:2,S
try apply M
rm M/.Junk
touch M/.Junk
try apply M
find M other away -type f ! -name maildirfolder | LC_ALL=C sort
