# SPDX-License-Identifier: BSD-3-Clause
# the table alone, on standard output
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S --output summary --windows "$DATA/windows.yaml" "$DATA/mixed.mbox"
