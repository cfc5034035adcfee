# SPDX-License-Identifier: BSD-3-Clause
# what is larger than the limit is decided about and passed on whole, headers included
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
{ head -n 15 "$DATA/bounce.eml"; yes 'X: a line of the header' | head -n 20000
  printf 'X-NDR-Flag: NO\n\n'; yes 'a line of the body' | head -n 400000; } >in
$F --max-message 64k <in >out; echo $?
head -n 2 out
grep -v '^X-NDR-' in | sha256sum >a
grep -v '^X-NDR-' out | sha256sum >b
cmp a b
grep -c '^X-NDR-' out
{ cat "$DATA/mixed.mbox"; printf '\nFrom x Tue May 13 09:31:02 2008\n'; cat in; printf '\n'; cat "$DATA/mixed.mbox"; } >box
$F --format mbox --max-message 64k <box >out; echo $?
grep -v '^X-NDR-\|^	engine=' box | sha256sum >a
grep -v '^X-NDR-\|^	engine=' out | sha256sum >b
cmp a b
