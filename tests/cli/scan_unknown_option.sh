# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" scan --widnows w.yaml mail
