# SPDX-License-Identifier: BSD-3-Clause
# which file has no room on a full disk, and what to do with a journal that is damaged, is said
mkdir -p M/cur M/new M/tmp disk && cp "$DATA/bounce.eml" M/new/1.x
printf 'windows:\n- domain: example.com\n  from: 2000-01-01T00:00:00Z\n' >w.yaml
for i in 1 2 3 4 5 6 7; do cat "$DATA/mixed.mbox" "$DATA/mixed.mbox" >>box; done
"$NDRSCAN" scan -q --emit all --shard 0/1 --out-dir results box
unshare -rm sh -c 'mount -t tmpfs -o size=16k none disk' 2>/dev/null || {
    echo "no file system of one's own can be mounted here" >&2
    exit 77
}
# shellcheck disable=SC2016 # for the inner shell
unshare -rm sh -c 'mount -t tmpfs -o size=16k none disk && mkdir -m 700 disk/journal
dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null
"$NDRSCAN" apply -q --journal disk/journal --windows w.yaml M; echo "exit $?"
"$NDRSCAN" merge -q -o disk/verdicts results; echo "exit $?"'
ls M/new
# and what to do with a journal that is damaged
"$NDRSCAN" apply -q --windows w.yaml M
sed -i '2s/^/X/' state/ndrscan/journal/*.run
"$NDRSCAN" runs
