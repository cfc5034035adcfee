# SPDX-License-Identifier: BSD-3-Clause
# one object at the end in place of the table
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S --progress json --output paths0 "$DATA/mixed.mbox" >/dev/null
