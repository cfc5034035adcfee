# SPDX-License-Identifier: BSD-3-Clause
# a tree of Maildirs, links in it not followed
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
mkdir -p V/example.com/alice/cur V/example.com/alice/new V/example.com/bob/Maildir/new V/empty
ln -s ../../M V/example.com/link
cp "$DATA/bounce.eml" M/cur/1.a:2,S
cp "$DATA/bounce.eml" V/example.com/alice/cur/2.a:2,S
cp "$DATA/bounce.eml" V/example.com/bob/Maildir/new/3.a
apply --recursive --output table --windows "$DATA/windows.yaml" V | grep -v '^  '
find M V -name '*.a*' | LC_ALL=C sort
