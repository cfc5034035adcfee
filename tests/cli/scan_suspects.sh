# SPDX-License-Identifier: BSD-3-Clause
# what looks like a bounce and has no rule: counted, listed on request, never reported as a bounce
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir mail
cp "$DATA/suspect.eml" "$DATA/bounce.eml" "$DATA/letter.eml" mail
$S -q --emit suspects mail
$S -q --emit suspects --output paths mail
$S --output summary mail
