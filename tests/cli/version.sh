# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" --version
"$NDRSCAN" version
"$NDRSCAN" scan --version
"$NDRSCAN" --version >/dev/full
