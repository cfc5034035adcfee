# SPDX-License-Identifier: BSD-3-Clause
# fields that claim to be ours go, folded ones whole, and SpamAssassin's only on request
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
printf 'X-Spam-Flag: NO\r\nSubject: a\r\nx-ndr-FLAG: NO\r\nX-NDR-Status: none,\r\n\tmore\r\n b: c\r\nX-NDR-Flags: d\r\n\r\nX-NDR-Flag: in the body\r\n' >in
$F <in | cat -A
echo
$F --compat spamassassin <in | cat -A
