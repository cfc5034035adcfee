# SPDX-License-Identifier: BSD-3-Clause
# who asks for junk alone and names no windows, or an empty folder of them, is told
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir none
$S -q --emit junk --output paths "$DATA/bounce.eml"
$S -q --emit junk --windows none --output paths "$DATA/bounce.eml"
