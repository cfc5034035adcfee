# SPDX-License-Identifier: BSD-3-Clause
# every message, as a table of tabs
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/mixed.mbox" "$DATA/windows.yaml" .
$S -q --windows windows.yaml --emit all --output tsv mixed.mbox
