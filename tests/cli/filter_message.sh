# SPDX-License-Identifier: BSD-3-Clause
# junk, a kept bounce and a letter get their two fields on top; all else is as it was
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
for m in bounce delayed letter suspect; do
    $F --windows "$DATA/windows.yaml" <"$DATA/$m.eml" >$m || echo failed
    diff "$DATA/$m.eml" $m
done
echo "no windows:"
$F <"$DATA/bounce.eml" | head -n 2
