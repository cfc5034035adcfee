# SPDX-License-Identifier: BSD-3-Clause
# what a log of Postfix says was sent is known then: plain, packed, from a pipe, in two logs; what it does not say is not
log() { # second daemon text
    printf 'Nov 29 10:00:%s mx1 postfix/%s[1]: %s\n' "$1" "$2" "$3"
}
{
    log 01 submission/smtpd '4A1B2C: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=alice'
    log 01 cleanup '4A1B2C: message-id=<ours@example.com>'
    log 02 smtpd '4D5E6F: client=spam.example[198.51.100.1]'
    log 02 cleanup '4D5E6F: message-id=<forged@example.com>'
    log 02 qmgr '4D5E6F: from=<alice@example.com>, size=380, nrcpt=1 (queue active)'
    log 02 smtp '4D5E6F: to=<bob@example.org>, relay=x, delay=1, status=sent (250 ok)'
} >mail.log.1
{
    log 03 qmgr '4A1B2C: from=<alice@example.com>, size=380, nrcpt=1 (queue active)'
    log 04 smtp '4A1B2C: to=<bob@example.org>, relay=x, delay=1, status=bounced (no)'
    log 05 qmgr '4A1B2C: removed'
} >mail.log
touch -d 2026-11-29T12:00:00Z mail.log
touch -d 2026-11-29T11:00:00Z mail.log.1
ask() {
    "$NDRSCAN" sent check --at 2026-11-30T12:00:00Z "$@"
    echo $?
}
add() {
    rm -rf state
    "$NDRSCAN" sent add --machine mx1 "$@"
    ask --sender example.com --recipient bob@example.org '<ours@example.com>'
}
add mail.log mail.log.1 # in the order of their times
ask --sender EXAMPLE.com --recipient Bob@Example.org ours@example.com
ask --sender example.com --recipient eve@example.org ours@example.com
ask --sender example.net --recipient bob@example.org ours@example.com
ask --sender example.com --recipient bob@example.org forged@example.com
ask --sender example.com --at 2026-11-28T12:00:00Z ours@example.com
ask --sender example.com --at 2027-02-01 ours@example.com
ask --sender example.com --at 2027-02-01 --days 100 ours@example.com
gzip -kn mail.log.1
touch -r mail.log.1 mail.log.1.gz
add mail.log mail.log.1.gz
cat mail.log.1 mail.log | add -
{ printf 'ay=x, delay=1, status=sent\n  more of an entry of several lines\n'; cat mail.log; } >torn.log
touch -r mail.log torn.log
add torn.log mail.log.1 # rotated in the middle of a line
add --domain example.net mail.log.1 mail.log
"$NDRSCAN" sent add --machine mx1 mail.log.1 # one after the other, in two runs
"$NDRSCAN" sent add --machine mx1 --quiet mail.log
ask --sender example.com --recipient bob@example.org ours@example.com
add --submitters 198.51.100.0/24 mail.log.1
ask --sender example.com --recipient bob@example.org forged@example.com
"$NDRSCAN" sent add --machine mx1 nowhere.log "$DATA/mixed.mbox" mail.log
echo $?
"$NDRSCAN" sent add
"$NDRSCAN" sent add --submitters 1.2.3 mail.log
"$NDRSCAN" sent add --tz Moon mail.log
"$NDRSCAN" sent add -r mail.log
"$NDRSCAN" sent add --follow mail.log mail.log.1
"$NDRSCAN" sent check x@y
"$NDRSCAN" sent check --sender example.com
rm -rf state
"$NDRSCAN" sent check --sender example.com x@y
echo $?
