# SPDX-License-Identifier: BSD-3-Clause
# An identity is read with the other settings: a bad one stops a run, a gone one changes nothing.
bounce='From: MAILER-DAEMON@mx.example.net
Delivered-To: a@example.com
Return-Path: <>
Received: from a by b; Tue, 13 May 2008 10:00:00 +0000
Subject: Undelivered Mail Returned to Sender

Your message could not be delivered.
<bob@example.org>: 550 5.1.1 User unknown'
run() {
    printf '%s\n' "$bounce" | "$NDRSCAN" "$@" - > out
    echo "status $?, $(wc -l < out) records"
}
identity=config/ndrscan/identity.yaml
mkdir -p config/ndrscan
run scan -q
printf 'identities:\n  - domain: example.com\n    dkim:\n      - {selector: mail, key: "v=DKIM1; k=ed25519; p=UhDe12JZ5Bqf8Hy2nwuo/QHwo+RYGqNbq+oGPUUkXMo="}\n' > $identity
run scan -q
run scan -q --identity $identity --sent nowhere
printf 'identities:\n  - domain: example.com\n    dkim:\n      - {selector: mail, key: "v=DKIM1; k=ed25519; p=AAAA"}\n' > $identity
run scan -q
run explain
printf '%s\n' "$bounce" | "$NDRSCAN" filter > out
echo "status $?"
"$NDRSCAN" rules check > out
echo "status $?"
: > none.yaml
run scan -q --identity none.yaml --sent nowhere
run scan -q --identity gone.yaml
printf 'identities:\n  - domain: example.com\n    batv: {secrets-file: /nonexistent/batv}\n' > $identity
run scan -q
rm $identity
ln -s nowhere $identity
run scan -q
