# SPDX-License-Identifier: BSD-3-Clause
# scan believes what came first, and says so; read before it judges, all copies of one captured mail are the same to it
mkdir -p config/ndrscan M/cur M/new M/tmp
printf 'identities:\n  - domain: example.com\n' >config/ndrscan/identity.yaml
printf 'windows:\n  - {domain: example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z}\n' >w.yaml
cat >mail.log <<'EOF'
2018-06-11T09:00:00+00:00 mail postfix/pickup[7]: 4ABCD12345: uid=1000 from=<joe@example.com>
2018-06-11T09:00:00+00:00 mail postfix/cleanup[8]: 4ABCD12345: message-id=<captured@example.com>
2018-06-11T09:00:00+00:00 mail postfix/qmgr[9]: 4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)
2018-06-11T09:00:01+00:00 mail postfix/smtp[10]: 4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2018-06-11T09:00:01+00:00 mail postfix/qmgr[9]: 4ABCD12345: removed
EOF
$NDRSCAN sent add --set sent mail.log 2>/dev/null || exit 1
bounce() { # FILE, to whom the copy went
    cat >M/new/1528714800.$1.mx <<EOF
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

Final-Recipient: rfc822; $2@example.net
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

From: joe@example.com
Message-ID: <captured@example.com>
Date: Mon, 11 Jun 2018 09:00:00 +0000

--b--
EOF
}
scan() { echo "-- $*"; $NDRSCAN scan -q --sent sent "$@" M >out; echo "$?: $(grep -c '"whose":"ours"' out) ours, $(grep -c '"verdict":"junk"' out) junk"; }
bounce friend friend
n=0
while [ $n -lt 20 ]; do
    n=$((n + 1))
    bounce s$n s$n
done
bounce s20again s20
echo "20 are believed"
scan --windows w.yaml --threads 1 2>&1
scan --windows w.yaml --count-first 2>&1
bounce s21 s21
echo "21 are not, which the first is not to know"
scan --windows w.yaml --threads 1 2>&1
for threads in 1 8; do scan --windows w.yaml --count-first --threads $threads 2>&1; done
scan --windows w.yaml --count-first --output summary 2>&1
grep -E '^  ours|^  unknown|^kept' out
ls -r M/new/* | $NDRSCAN scan -q --sent sent --windows w.yaml --count-first --files-from /dev/stdin 2>&1
ls -r M/new/* >list
$NDRSCAN scan -q --sent sent --windows w.yaml --count-first --files-from list | grep -o '"whose":"[a-z]*"' | sort | uniq -c
$NDRSCAN scan -q --sent sent --windows w.yaml --count-first M/new/nothere 2>&1
echo "nothing is asked without a window, and standard input has no second time"
scan --no-windows --count-first 2>&1
$NDRSCAN scan --count-first - </dev/null 2>&1
$NDRSCAN scan --count-first --out-dir pieces M 2>&1
echo $?
