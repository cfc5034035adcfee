# SPDX-License-Identifier: BSD-3-Clause
# pack --help
$NDRSCAN pack --help
