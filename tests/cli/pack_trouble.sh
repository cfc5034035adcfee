# SPDX-License-Identifier: BSD-3-Clause
# a source that is missing, damaged or no mail: exit 2, and no archive, not even half of one
cp "$DATA/mixed.mbox" .
zstd -qc mixed.mbox | head -c 300 >cut.zst
mkfifo pipe
for source in missing cut.zst pipe; do
    $NDRSCAN pack -o new.zst mixed.mbox $source
    echo $?
done
$NDRSCAN pack -o nowhere/new.zst mixed.mbox
echo $?
$NDRSCAN pack -o . mixed.mbox
echo $?
$NDRSCAN pack --frame-size 1k -o new.zst mixed.mbox
echo $?
$NDRSCAN pack -o new.zst
echo $?
$NDRSCAN pack --format mboxcl2 -o new.zst mixed.mbox
echo $?
ls -A
