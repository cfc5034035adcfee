# SPDX-License-Identifier: BSD-3-Clause
# a full disk behind standard output is told, exit 2
cp "$DATA/mixed.mbox" .
$NDRSCAN pack mixed.mbox >/dev/full
