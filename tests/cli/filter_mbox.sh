# SPDX-License-Identifier: BSD-3-Clause
# --format mbox: the fields go behind each From_ line; the same from a pipe that gives a byte now
# and then
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
$F --format mbox --windows "$DATA/windows.yaml" <"$DATA/mixed.mbox" >out
diff "$DATA/mixed.mbox" out
(head -c 700 "$DATA/mixed.mbox"; sleep 0.2; tail -c +701 "$DATA/mixed.mbox") |
    $F --format mbox --windows "$DATA/windows.yaml" | cmp - out
