# SPDX-License-Identifier: BSD-3-Clause
# paths that end in NUL survive line ends in names; a file with two bounces is told once
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" 'two
lines.eml'
cp "$DATA/mixed.mbox" .
$S -q --output paths0 'two
lines.eml' mixed.mbox | od -An -c
