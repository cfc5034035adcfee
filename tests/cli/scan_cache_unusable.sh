# SPDX-License-Identifier: BSD-3-Clause
# a cache folder that cannot be had is no reason to fail: a file in its place, a folder
# where nothing can be made, a relative and an empty name
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/bounce.eml" .
: >file
for cache in "$PWD/file" /proc/self /proc/nowhere/at/all '' ; do
    XDG_CACHE_HOME=$cache $S -q --output paths bounce.eml || echo "exit $? with $cache"
done
