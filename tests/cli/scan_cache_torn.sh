# SPDX-License-Identifier: BSD-3-Clause
# a cache file that is torn, or whole but for one byte, is passed over and made anew; -v says so
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" .
export XDG_CACHE_HOME="$PWD/cache"
$S -q --output paths bounce.eml
for f in cache/ndrscan/*; do printf 'torn' >"$f"; done
$S -q --output paths bounce.eml
for f in cache/ndrscan/*; do [ "$(wc -c <"$f")" -gt 1000 ] || echo "$f was not made anew"; done
say() { $S -qv --output paths bounce.eml 2>&1 | sed "s#$PWD#HERE#; s/rules-[0-9a-f]*/rules-X/"; }
say
for f in cache/ndrscan/*; do printf 'torn' >"$f"; done
say
# the last database's last row
for f in cache/ndrscan/*; do printf '\377' | dd of="$f" bs=1 seek=$(($(wc -c <"$f") - 100)) conv=notrunc status=none; done
say
for f in cache/ndrscan/*; do chmod g+w "$f"; done
say
say
rm -r cache
say
