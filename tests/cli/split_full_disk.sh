# SPDX-License-Identifier: BSD-3-Clause
# a full disk leaves nothing behind, neither of bytes nor of inodes
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
cp "$DATA/mixed.mbox" box
for i in 1 2 3 4 5 6 7; do cat box box >b2; mv b2 box; done
mkdir disk
export S="$S"
unshare -rm sh -c 'mount -t tmpfs -o size=64k,nr_inodes=20 none disk' 2>/dev/null || {
    echo "no file system of one's own can be mounted here" >&2
    exit 77
}
unshare -rm sh -c 'mount -t tmpfs -o size=64k,nr_inodes=20 none disk
$S --junk disk/junk --keep disk/keep box; echo "exit $?"; ls -A disk
mount -o remount,size=10M,nr_inodes=2 disk
$S --junk disk/junk --keep disk/keep box; echo "exit $?"; ls -A disk
mount -o remount,ro disk
$S --junk disk/junk --keep disk/keep box; echo "exit $?"; ls -A disk'
