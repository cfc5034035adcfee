# SPDX-License-Identifier: BSD-3-Clause
# sets are counted, merged, pruned, and damage is told; pruning is of days past, whatever today is
now=$(date -u +%Y-%m-%dT00:00:00Z)
printf 'new@a\texample.com\tbob@example.org\t%s\nold@a\texample.com\tbob@example.org\t2001-05-13T08:00:00Z\n' "$now" >list
one() {
    "$NDRSCAN" sent add -q --machine "$1" --format list --set "$2" list
}
one mx1 a
one mx2 b
one mx1 a
"$NDRSCAN" sent stats --set a | head -3
"$NDRSCAN" sent merge --machine mx --set c a b
"$NDRSCAN" sent stats --set c | head -3
ls c | sed 's/[0-9a-f]\{16\}/KEY/; s/-[0-9]*-KEY/-DAY-KEY/'
stat -c '%a %F' c/*.key c
"$NDRSCAN" sent prune --set c --dry-run
"$NDRSCAN" sent prune --set c
"$NDRSCAN" sent prune --set c
"$NDRSCAN" sent check --set c --sender example.com --recipient bob@example.org new@a
"$NDRSCAN" sent check --set c --sender example.com --at 2001-05-14 old@a
for f in c/*.seg; do
    printf x | dd of="$f" bs=1 seek=70 conv=notrunc 2>/dev/null
    break
done
"$NDRSCAN" sent stats --set c 2>&1 >/dev/null | sed 's/[0-9a-f]\{16\}/KEY/; s/-[0-9]*-KEY/-DAY-KEY/'
chmod 644 b/*.key
"$NDRSCAN" sent check --set b --sender example.com new@a 2>&1 | sed 's/[0-9a-f]\{16\}/KEY/'
"$NDRSCAN" sent merge --set c
"$NDRSCAN" sent stats --set none
"$NDRSCAN" sent stats more
