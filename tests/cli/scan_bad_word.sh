# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" scan --emit everything mail
