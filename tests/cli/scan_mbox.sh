# SPDX-License-Identifier: BSD-3-Clause
# an mbox with two bounces, one of them inside a window: records and table
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/mixed.mbox" "$DATA/windows.yaml" .
$S --windows windows.yaml mixed.mbox
