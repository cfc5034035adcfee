# SPDX-License-Identifier: BSD-3-Clause
# also when only the table is to be written
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S --output summary "$DATA/mixed.mbox" >/dev/full
