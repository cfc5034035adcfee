# SPDX-License-Identifier: BSD-3-Clause
# mail that comes through a pipe, plain and compressed
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cat "$DATA/mixed.mbox" | $S -q --emit all --output tsv - | cut -f1-4 >plain
zstd -qc "$DATA/mixed.mbox" | $S -q --emit all --output tsv - | cut -f1-4 >packed
cmp plain packed
cut -f1,2 plain
