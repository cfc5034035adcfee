# SPDX-License-Identifier: BSD-3-Clause
# the counts cannot be written: said once
"$NDRSCAN" windows check "$DATA/windows.yaml" >/dev/full
