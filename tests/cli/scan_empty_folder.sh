# SPDX-License-Identifier: BSD-3-Clause
# neither is an empty folder
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir empty
$S empty
