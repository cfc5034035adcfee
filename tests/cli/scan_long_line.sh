# SPDX-License-Identifier: BSD-3-Clause
# a line of 200 MB is one message, looked at up to the limit; the file behind it is read
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
head -c 200000000 /dev/zero | tr '\0' x >long
cp "$DATA/bounce.eml" .
$S -q --emit all --output tsv long bounce.eml | cut -f1
