# SPDX-License-Identifier: BSD-3-Clause
# nor can it be a list and mail
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S --files-from - - <"$DATA/bounce.eml"
