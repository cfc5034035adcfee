# SPDX-License-Identifier: BSD-3-Clause
# a folder of message files is read in name order
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir mail && cp "$DATA/letter.eml" "$DATA/bounce.eml" "$DATA/delayed.eml" mail
$S -q --emit all --output tsv mail | cut -f1
