# SPDX-License-Identifier: BSD-3-Clause
# 0 not junk, 1 junk, and what is in between
C="$NDRSCAN check --no-shipped-rules --rules $DATA/rules.yaml"
tell() { echo "exit $?"; }
$C --windows "$DATA/windows.yaml" <"$DATA/bounce.eml"; tell
$C --windows "$DATA/windows.yaml" --quiet <"$DATA/bounce.eml"; tell
$C <"$DATA/bounce.eml"; tell
$C <"$DATA/letter.eml"; tell
$C </dev/null; tell
$C --no-such <"$DATA/letter.eml"; tell
$C file <"$DATA/letter.eml"; tell
$C --windows missing.yaml <"$DATA/letter.eml"; tell
$C </; tell
$C <"$DATA/letter.eml" >/dev/full; tell
$C <"$DATA/letter.eml" >&-; tell
