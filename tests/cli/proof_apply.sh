# SPDX-License-Identifier: BSD-3-Clause
# apply judges weak proofs when it has counted all mail: what would stay is junk once the crowd is seen.
mkdir -p config/ndrscan
printf 'identities:\n  - domain: example.com\n' >config/ndrscan/identity.yaml
window() { printf 'windows:\n  - {domain: example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z%s}\n' "$1" >w.yaml; }
window ""
cat >mail.log <<'EOF'
2018-06-11T09:00:00+00:00 mail postfix/pickup[7]: 4ABCD12345: uid=1000 from=<joe@example.com>
2018-06-11T09:00:00+00:00 mail postfix/cleanup[8]: 4ABCD12345: message-id=<captured@example.com>
2018-06-11T09:00:00+00:00 mail postfix/qmgr[9]: 4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)
2018-06-11T09:00:01+00:00 mail postfix/smtp[10]: 4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2018-06-11T09:00:01+00:00 mail postfix/qmgr[9]: 4ABCD12345: removed
EOF
$NDRSCAN sent add --set sent mail.log 2>/dev/null || exit 1
bounce() { # FOLDER, to whom the copy went
    mkdir -p $1/cur $1/new $1/tmp
    cat >$1/new/1528714800.$2.mx <<EOF
Return-Path: <>
Delivered-To: joe@example.com
Received: from mx.example.net by mx.example.com; Mon, 11 Jun 2018 10:00:00 +0000
From: MAILER-DAEMON@mx.example.net
Message-ID: <$2@mx.example.net>
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
apply() { echo "-- $*"; $NDRSCAN apply --windows w.yaml --sent sent "$@" A B 2>&1 | grep -v '^to put it back'; }
where() { echo "A $(ls A/new | wc -l), Junk $(ls A/.Junk/cur A/.Junk/new 2>/dev/null | grep -c mx), B $(ls B/new | wc -l), Junk $(ls B/.Junk/cur B/.Junk/new 2>/dev/null | grep -c mx)"; }
n=0
while [ $n -lt 10 ]; do
    n=$((n + 1))
    bounce A a$n
    bounce B b$n
done
echo "20 are believed"
apply --threads 1
where
bounce B friend # the one it was sent to: a strong proof
bounce B b11    # and one too many
echo "21 are none, but for the strong one; the first Maildir is looked through before the last of them is seen"
apply --dry-run --output jsonl | sed -n 's/.*"action":"\([a-z]*\)".*"source":"\([A-Z]\).*/\1 \2/p' | sort | uniq -c
where
apply
where
$NDRSCAN runs --output jsonl | grep -o '"maildirs":.*' | sed "s#$PWD/##g"
echo "and stay none"
apply
where
echo "what lies in Junk comes back by what all of it says"
rm -r state A B
n=0
while [ $n -lt 11 ]; do
    n=$((n + 1))
    bounce A a$n
    bounce B b$n
done
window ', take: all'
apply
window ''
apply
where
rm B/.Junk/*/*b11.mx* B/.Junk/*/*b10.mx* state/ndrscan/proofs.counts
apply
where
echo "scan counts for later runs where it is asked to, and explain knows"
rm -r state
explain() { $NDRSCAN explain --sent sent --windows w.yaml A/new/*.a1.mx | grep 'whose mail came back: sent:'; }
scan() { $NDRSCAN scan -q --threads 1 --sent sent --windows w.yaml "$@" A/new B/new | grep -o '"whose":"[a-z]*"' | sort | uniq -c; }
bounce B b10
bounce B b11
scan
ls state/ndrscan 2>/dev/null
explain
scan --count-proofs
scan
explain
printf 'windows: []\n' >w.yaml
scan
scan --evidence all
