# SPDX-License-Identifier: BSD-3-Clause
# no header, no body, no line end, NULs, a first line that goes on: no byte is lost
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
try() {
    $F --format message <in >out
    echo "$1: exit $?, $(grep -ac '^X-NDR-' out) fields"
    tail -c "$(wc -c <in)" out | cmp - in
}
printf 'Subject: x' >in; try 'no line end'
printf 'no header at all' >in; try 'no header'
printf '\n\nbody\n' >in; try 'an empty header'
printf '\0\0\0\nSubject: \0x\n\n\0\0' >in; try 'NULs'
for first in ' YES' 'From me to you'; do
    printf '%s\nSubject: x\n\n' "$first" | $F --format message
    echo "exit $?"
done
