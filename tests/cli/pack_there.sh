# SPDX-License-Identifier: BSD-3-Clause
# what is there is replaced only with --force
cp "$DATA/mixed.mbox" .
echo old >there.zst
$NDRSCAN pack -o there.zst mixed.mbox
echo $?
cat there.zst
$NDRSCAN pack -q --force -o there.zst mixed.mbox && zstd -dcq there.zst | cmp - mixed.mbox && ls -A
