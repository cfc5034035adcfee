# SPDX-License-Identifier: BSD-3-Clause
# nothing in it: an archive that zstd and scan read as nothing
: >empty
$NDRSCAN pack -o empty.zst empty
zstd -q -t empty.zst && zstd -dcq empty.zst | wc -c
$NDRSCAN scan -q --no-shipped-rules --rules "$DATA/rules.yaml" --emit all empty.zst
