# SPDX-License-Identifier: BSD-3-Clause
# an installed program, moved as a tree: it finds its rules; manual and completion are there, and nothing of the host
# on which it was built, but what a compiler writes for a debugger
build=$(dirname "$NDRSCAN")/..
meson install -C "$build" --no-rebuild --destdir "$PWD/root" >log 2>&1 || { cat log >&2; exit 1; }
program=$(find root -name ndrscan -type f -path '*/bin/*')
LD_LIBRARY_PATH=$(dirname "$(find root -name 'libndrscan.so.0' | head -1)"):${LD_LIBRARY_PATH:-}
export LD_LIBRARY_PATH
"$program" scan -q "$DATA/mixed.mbox" | wc -l
"$program" rules check | sed 's/[0-9,]* \(rules\|hits\|misses\)/N \1/g'
find root \( -name '*.h' -o -name 'ndrscan*.[13]' -o -name 'ndrscan-client' -o -name 'ndrscan.bash' -o -name 'postfix.yaml' \) |
    sed 's|.*/||' | sort
build=$(cd "$build" && pwd -P)
find root -type f \( -path '*/bin/*' -o -name '*.so.*' -o -name '*.pc' -o -name '*.service' \) | while read -r file; do
    objcopy --strip-debug "$file" stripped 2>/dev/null || cp "$file" stripped
    ! grep -q -F -e "$build" -e "$(dirname "$(dirname "$DATA")")" stripped || echo "$file names where it was built"
done
