# SPDX-License-Identifier: BSD-3-Clause
# an empty file is an mbox of no messages, and no damage
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
: >empty
$S empty
