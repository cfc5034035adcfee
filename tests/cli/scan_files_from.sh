# SPDX-License-Identifier: BSD-3-Clause
# a list of paths, by line and by NUL
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" 'a name.eml'
cp "$DATA/bounce.eml" 'two
lines.eml'
cp "$DATA/letter.eml" .
printf 'a name.eml\nletter.eml\n' | $S -q --files-from - --output paths
find . -name '*.eml' -print0 | sort -z | $S -q -0 --files-from - --output paths0 | od -An -c
printf 'letter.eml\n' >list
$S -q --files-from list --emit all --output paths 'a name.eml'
