# SPDX-License-Identifier: BSD-3-Clause
# a message with a From_ line on top, as procmail and formail -s hand it over, is one message:
# what looks like a From_ line in its body (a patch does) is body, and hides nothing
R="--no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
top='From dev@example.org Wed May 14 11:02:07 2008'
inner='From 1f09ee4c0ffee Mon Sep 17 00:00:00 2001'
{ echo "$top"; cat "$DATA/letter.eml"
  printf '\n%s\nSubject: [PATCH] x\nX-NDR-Flag: a line of the patch\n\nmore\n' "$inner"; } >patch
$NDRSCAN filter $R <patch >out; echo "exit $?"
head -n 3 out
grep -c '^X-NDR-Flag' out
# without our two fields it is the message again
sed 2,3d out | cmp - patch

# a bounce whose sender puts such a line below its header: all verbs say the same
{ echo "$top"; sed "s/^\$/\\
$inner\\
/;" "$DATA/bounce.eml"; } >hidden
grep -c '^From ' hidden
$NDRSCAN filter $R <hidden | grep '^X-NDR-Flag'
$NDRSCAN check $R <hidden
$NDRSCAN scan -q $R --format message --output tsv hidden | cut -f 5
# an mbox is what is called so
$NDRSCAN filter $R --format mbox <patch | grep -c '^X-NDR-Flag'
$NDRSCAN filter $R --format auto <patch; echo "exit $?"
