# SPDX-License-Identifier: BSD-3-Clause
# a message that breaks off stays where it is, though what can be read of it is junk
mkdir -p M/cur M/new M/tmp
gzip -c "$DATA/bounce.eml" >M/cur/1.whole:2,S
gzip -c "$DATA/bounce.eml" | head -c 800 >M/cur/2.torn:2,S
"$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --windows "$DATA/windows.yaml" M
echo $?
find M -name '*:2,S' | LC_ALL=C sort
