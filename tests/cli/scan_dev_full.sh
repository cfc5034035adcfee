# SPDX-License-Identifier: BSD-3-Clause
# a full disk behind standard output is told, exit 2
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
cp "$DATA/mixed.mbox" .
$S mixed.mbox >/dev/full
