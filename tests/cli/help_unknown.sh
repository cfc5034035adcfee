# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" skan mail; echo $?
"$NDRSCAN" rules chekc; echo $?
: >mail; "$NDRSCAN" mail; echo $?
"$NDRSCAN" help skan
