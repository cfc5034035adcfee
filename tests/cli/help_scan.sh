# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" scan --help >a; echo $?
"$NDRSCAN" help scan >b
cmp a b && cat a
