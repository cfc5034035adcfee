# SPDX-License-Identifier: BSD-3-Clause
# a window that is withdrawn brings mail back with the flags it has by then
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,a
cp "$DATA/bounce.eml" M/new/2.a
cp "$DATA/bounce.eml" M/new/3.a
apply --windows "$DATA/windows.yaml" M
tree
mv M/.Junk/cur/1.a:2, M/.Junk/cur/1.a:2,RSb
mv M/.Junk/new/2.a M/.Junk/cur/2.a:2,S
echo 'windows: []' >none.yaml
apply --windows none.yaml M
tree
apply --windows none.yaml --output table M
