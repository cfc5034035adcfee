# SPDX-License-Identifier: BSD-3-Clause
# the envelope's recipients go before the header's; one that no window covers keeps it
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
F="$F --windows $DATA/windows.yaml"
$F --recipient bob@example.net <"$DATA/bounce.eml" | head -n 1
$F --recipient bob@example.com <"$DATA/bounce.eml" | head -n 1
$F --recipient bob@example.com --recipient eve@example.net <"$DATA/bounce.eml" | head -n 1
sed 's/alice@example.com/alice@example.net/' "$DATA/bounce.eml" >other
$F <other | head -n 1
$F --recipient bob@EXAMPLE.com <other | head -n 1
