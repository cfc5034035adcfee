# SPDX-License-Identifier: BSD-3-Clause
# a closed standard output is told, exit 2
cp "$DATA/mixed.mbox" .
$NDRSCAN pack mixed.mbox >&-
