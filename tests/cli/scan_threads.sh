# SPDX-License-Identifier: BSD-3-Clause
# the same bytes for 1 and for 8 threads: mbox, Maildir, compressed, damaged, all at once
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
i=0
while [ $i -lt 2000 ]; do cat "$DATA/mixed.mbox"; i=$((i + 1)); done >many.mbox
zstd -q many.mbox -o many.zst
head -c $(($(wc -c <many.zst) - 20)) many.zst >cut.zst
mkdir -p M/new M/cur M/tmp
i=0
while [ $i -lt 300 ]; do cp "$DATA/bounce.eml" M/new/12107$i.x; cp "$DATA/letter.eml" M/cur/12108$i.x:2,S; i=$((i + 1)); done
for j in 1 2 8; do
    $S -q -j $j --windows "$DATA/windows.yaml" --emit all many.mbox M cut.zst nowhere many.zst - \
        <many.mbox >out.$j 2>err.$j
    echo "-j $j: exit $?"
done
for j in 2 8; do cmp out.1 out.$j && cmp err.1 err.$j; done
wc -l <out.1
cat err.1
