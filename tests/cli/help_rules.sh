# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" help rules
"$NDRSCAN" rules --help
"$NDRSCAN" rules
