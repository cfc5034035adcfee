# SPDX-License-Identifier: BSD-3-Clause
# a run that was written down and moved nothing: no way of telling it offers to undo it
mkdir -p M/cur M/new M/tmp
cp "$DATA/bounce.eml" M/cur/1.a:2,S
command -v strace >/dev/null && strace -qq -e trace=none true 2>/dev/null || exit 77
A="$NDRSCAN apply --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
# no leaks are looked for under strace
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
refused() { strace -f -qq -o trace -e trace=renameat2 -e inject=renameat2:error=EACCES "$@"; echo "$?" >&2; }
refused $A --progress json M
refused $A M 2>&1 | grep undo
$A -q M
rm M/.Junk/cur/1.a:2,S
"$NDRSCAN" undo --progress json
