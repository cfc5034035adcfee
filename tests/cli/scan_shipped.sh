# SPDX-License-Identifier: BSD-3-Clause
# the shipped rules are found without an option
"$NDRSCAN" scan -q "$DATA/mixed.mbox" | wc -l
