# SPDX-License-Identifier: BSD-3-Clause
# an archive that breaks off: what came before it is told, the damage is named, exit 1
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
i=0
while [ $i -lt 50 ]; do cat "$DATA/mixed.mbox"; i=$((i + 1)); done | zstd -q -1 >whole.zst
size=$(wc -c <whole.zst)
head -c $((size - 20)) whole.zst >cut.zst
cp "$DATA/bounce.eml" .
$S -q --output paths cut.zst bounce.eml
