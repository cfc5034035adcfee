# SPDX-License-Identifier: BSD-3-Clause
# A captured message sent to a crowd: a weak proof is believed for 20 of them, by all the
# filters together that are started for one message each.
mkdir -p config/ndrscan
printf 'identities:\n  - domain: example.com\n' >config/ndrscan/identity.yaml
cat >w.yaml <<'EOF'
windows:
  - {domain: example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z}
EOF
cat >mail.log <<'EOF'
2018-06-11T09:00:00+00:00 mail postfix/pickup[7]: 4ABCD12345: uid=1000 from=<joe@example.com>
2018-06-11T09:00:00+00:00 mail postfix/cleanup[8]: 4ABCD12345: message-id=<captured@example.com>
2018-06-11T09:00:00+00:00 mail postfix/qmgr[9]: 4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)
2018-06-11T09:00:01+00:00 mail postfix/smtp[10]: 4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2018-06-11T09:00:01+00:00 mail postfix/qmgr[9]: 4ABCD12345: removed
EOF
$NDRSCAN sent add --set sent mail.log 2>/dev/null || exit 1
message=captured
bounce() { # to whom the copy went
    cat <<EOF
Return-Path: <>
Delivered-To: joe@example.com
Received: from mx.example.net by mx.example.com; Mon, 11 Jun 2018 10:00:00 +0000
From: MAILER-DAEMON@mx.example.net
Message-ID: <$1@mx.example.net>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; $1@example.net
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

From: joe@example.com
Message-ID: <$message@example.com>
Date: Mon, 11 Jun 2018 09:00:00 +0000

--b--
EOF
}
filter() {
    bounce "$1" | $NDRSCAN filter --windows w.yaml --sent sent 2>>told | sed -n 's/^X-NDR-\(Flag\|Evidence\): //p' | tr '\n' ' '
}
n=0
while [ $n -lt 22 ]; do
    n=$((n + 1))
    echo "$n: $(filter u$n)"
done
echo "the first again: $(filter u1)"
ls -A state/ndrscan
stat -c %a state/ndrscan/proofs.counts
# full counts believe what they do not know, say so, and are free again
cp state/ndrscan/proofs.counts kept
{
    echo 'ndr-weak-limit 1 full 1528711200'
    sed 1d kept
} >state/ndrscan/proofs.counts
sed 's/4ABCD12345/4ABCD12346/; s/captured@/fresh@/' mail.log >fresh.log
$NDRSCAN sent add --set sent fresh.log 2>/dev/null || exit 1
echo "full, one that is over: $(filter u1)"
head -1 state/ndrscan/proofs.counts
{
    echo 'ndr-weak-limit 1 full 1528711200'
    sed 1d kept
} >state/ndrscan/proofs.counts
message=fresh
echo "full, one that is new: $(filter u1)"
head -1 state/ndrscan/proofs.counts
message=captured
# nothing is lost where they cannot be kept
echo torn >state/ndrscan/proofs.counts
filter u1
echo
rm state/ndrscan/proofs.counts
mkdir state/ndrscan/proofs.counts
filter u1
echo
grep -o "'.*" told
