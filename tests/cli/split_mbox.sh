# SPDX-License-Identifier: BSD-3-Clause
# every byte goes into one of the two, in order, plain or compressed
chmod 755 .
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
cp "$DATA/mixed.mbox" box
chmod 640 box
$S --junk junk --keep keep box; echo "exit $?"
stat -c '%n %a' junk keep
grep -c '^From ' junk keep
cat junk keep | wc -c; wc -c <box
zstd -q box; xz -k box
$S --junk j1.zst --keep k1 box.zst && zstd -dqc j1.zst | cmp - junk && cmp k1 keep
$S --junk j2 --keep k2.zst - <box.xz && cmp j2 junk && zstd -dqc k2.zst | cmp - keep
cat box | $S --junk j3 --keep k3 - && cmp j3 junk && cmp k3 keep
$S --max-message 100 --junk j4 --keep k4 box && cat j4 k4 | wc -c
: >none
$S --junk j5 --keep k5 none; wc -c <j5; wc -c <k5
ls -A
