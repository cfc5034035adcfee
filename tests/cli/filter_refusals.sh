# SPDX-License-Identifier: BSD-3-Clause
# whatever goes wrong is 75 and says so, and nothing is put out
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
tell() { echo "exit $?, $(wc -c <out) bytes"; }
$F </dev/null >out; tell
$F --format mbox </dev/null >out; tell
$F --no-such-option <"$DATA/bounce.eml" >out; tell
$F "$DATA/bounce.eml" >out; tell
$F --windows missing.yaml <"$DATA/bounce.eml" >out; tell
echo 'rules: 3' >bad.yaml
$F --rules bad.yaml <"$DATA/bounce.eml" >out; tell
$F </ >out; tell
$F <&- >out; tell
$F <"$DATA/bounce.eml" >/dev/full; echo "exit $?"
$F <"$DATA/bounce.eml" >&-; echo "exit $?"
$F <"$DATA/bounce.eml" 2>err | true
(ulimit -f 1; $F <"$DATA/mixed.mbox" >part); echo "exit $?"
