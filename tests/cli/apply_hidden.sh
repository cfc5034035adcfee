# SPDX-License-Identifier: BSD-3-Clause
# a hidden file in a Maildir is no mail: rsync writes one there before it has its name, NFS keeps what was deleted
mkdir -p M/cur M/new M/tmp M/.Sent/cur
for name in M/new/1.x M/new/.2.x.Qb3dZk M/cur/.nfs0000000000a1b2c300000001 M/cur/.3.x:2,S.a1B2c3 M/.Sent/cur/.4.x; do
    cp "$DATA/bounce.eml" "$name"
done
printf 'windows:\n- domain: example.com\n  from: 2000-01-01T00:00:00Z\n' >w.yaml
for source in M M/new M/cur/; do
    echo "-- $source"
    "$NDRSCAN" scan -q --windows w.yaml --output paths "$source"
    "$NDRSCAN" scan -q --windows w.yaml --shard 0/1 --list-shard "$source" | cut -f 3
done
"$NDRSCAN" apply --windows w.yaml M | grep -v '^to put'
find M -type f | LC_ALL=C sort
"$NDRSCAN" scan -q --windows w.yaml --output paths --emit junk M/new/.2.x.Qb3dZk # who names it means it
