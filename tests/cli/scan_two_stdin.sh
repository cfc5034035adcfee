# SPDX-License-Identifier: BSD-3-Clause
# standard input can be read once
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S - - <"$DATA/bounce.eml"
