# SPDX-License-Identifier: BSD-3-Clause
# the files that hold junk, for another program to take up
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/letter.eml" "$DATA/bounce.eml" "$DATA/delayed.eml" "$DATA/windows.yaml" .
$S -q --windows windows.yaml --emit junk --output paths letter.eml bounce.eml delayed.eml
