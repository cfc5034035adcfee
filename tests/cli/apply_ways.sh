# SPDX-License-Identifier: BSD-3-Clause
# --junk only takes out, --release only brings back
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,S
apply --release --output table --windows "$DATA/windows.yaml" M
apply --junk --windows "$DATA/windows.yaml" M
tree
cp "$DATA/bounce.eml" M/cur/2.a:2,S
apply --junk --no-windows M
tree
apply --release --no-windows M
tree
apply --junk --release --windows "$DATA/windows.yaml" M
echo $?
