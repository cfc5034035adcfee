# SPDX-License-Identifier: BSD-3-Clause
# a torn cache file is passed over and made anew
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" .
export XDG_CACHE_HOME="$PWD/cache"
$S -q --output paths bounce.eml
for f in cache/ndrscan/*; do printf 'torn' >"$f"; done
$S -q --output paths bounce.eml
for f in cache/ndrscan/*; do [ "$(wc -c <"$f")" -gt 1000 ] || echo "$f was not made anew"; done
