# SPDX-License-Identifier: BSD-3-Clause
# a name with a line end would look like two in a list by lines: told, exit 2
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" 'two
lines.eml'
$S -q --output paths 'two
lines.eml'
