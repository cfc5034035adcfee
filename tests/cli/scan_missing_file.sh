# SPDX-License-Identifier: BSD-3-Clause
# one file of three is not there: the others are scanned, exit 1
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" "$DATA/delayed.eml" .
$S -q --output paths bounce.eml nowhere.eml delayed.eml
