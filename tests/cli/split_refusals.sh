# SPDX-License-Identifier: BSD-3-Clause
# nothing is overwritten, nothing is left half done
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
cp "$DATA/mixed.mbox" box
echo mine >junk
tell() { echo "exit $?: $(ls -A | tr '\n' ' ')"; }
$S --junk junk --keep keep box; tell
$S --force --junk junk --keep keep box; tell
rm junk keep
$S --force --junk a --keep ./a box; tell
$S --junk a --keep a box; tell
$S --force --junk box --keep keep box; tell
$S --junk a box; tell
$S --junk a --keep b; tell
$S --junk a --keep b missing; tell
$S --junk a --keep no/folder box; tell
mkdir folder
$S --junk a --keep b folder; tell
tar cf box.tar box
$S --junk a --keep b box.tar; tell
zstd -qc box | head -c 900 >cut.zst
$S --junk a --keep b cut.zst; tell
(ulimit -f 1; $S --junk a --keep b box); tell
cmp box "$DATA/mixed.mbox"
