# SPDX-License-Identifier: BSD-3-Clause
# what is brought back is counted once
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" "$@" M 2>&1 | grep -v '^to put it back'; }
mkdir -p M/cur M/new M/tmp
for i in 1 2 3; do cp "$DATA/bounce.eml" M/cur/$i.a:2,S; cp "$DATA/bounce.eml" M/new/$i.b; done
cp "$DATA/letter.eml" M/cur/9.a:2,S
apply --windows "$DATA/windows.yaml"
apply --no-windows
apply --windows "$DATA/windows.yaml" -j 8
mv M/.Junk/cur/1.a:2,S M/.Junk/cur/1.a:2,FS
apply --release --no-windows -j 8
apply --no-windows
