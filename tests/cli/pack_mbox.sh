# SPDX-License-Identifier: BSD-3-Clause
# an mbox packed: zstd reads the same bytes, scan tells the same, for any number of threads
S="$NDRSCAN scan -q --no-shipped-rules --rules $DATA/rules.yaml"
i=0
while [ $i -lt 900 ]; do cat "$DATA/mixed.mbox"; i=$((i + 1)); done >box
$NDRSCAN pack -q --frame-size 64k --level 1 -o box.zst box
zstd -q -t box.zst && zstd -dcq box.zst | cmp - box && echo the same bytes
$NDRSCAN pack -q --frame-size 64k --level 1 -j1 box | cmp - box.zst && echo for one thread
$NDRSCAN pack -q --frame-size 64k --level 1 -j5 - <box | cmp - box.zst && echo from a pipe
$NDRSCAN pack -q --frame-size 64k --level 1 box.zst | cmp - box.zst && echo packed again
$S box >of.box
for j in 1 2 8; do $S -j$j box.zst | sed 's/"source":"box.zst"/"source":"box"/' | cmp - of.box; done
tail -c 9 box.zst | head -c 4 | od -An -tu4 | tr -d ' '
ls
