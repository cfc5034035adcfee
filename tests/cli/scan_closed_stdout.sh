# SPDX-License-Identifier: BSD-3-Clause
# standard output closed: told, and nothing is written into another file
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/mixed.mbox" .
$S mixed.mbox >&-
