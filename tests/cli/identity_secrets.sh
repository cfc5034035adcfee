# SPDX-License-Identifier: BSD-3-Clause
# secrets that change while a stream goes on are read again; those that cannot be read stay as they were
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo in
mkdir -p config/ndrscan
tag() { printf '0700joe@example.com' | openssl dgst -sha1 -hmac "$1" | sed 's/.*= *//' | cut -c 1-6; }
secret() { umask 077; echo "$1" >new; mv new "$HOME/batv.secret"; }
secret one
printf 'identities:\n  - domain: example.com\n    batv: {secrets-file: %s/batv.secret}\n' "$HOME" >config/ndrscan/identity.yaml
printf 'windows:\n  - {domain: example.com, from: 2018-06-01T00:00:00Z, until: 2018-07-01T00:00:00Z}\n' >w.yaml
$F --format mbox --windows w.yaml <in >out 2>err &
exec 3>in
put() { # a bounce to an address that was tagged with a secret
    cat >&3 <<EOF
From MAILER-DAEMON Mon Jun 11 10:00:00 2018
Return-Path: <>
Delivered-To: prvs=0700$(tag $1)=joe@example.com
Received: from mx.example.net by mx.example.com; Mon, 11 Jun 2018 10:00:00 +0000
From: MAILER-DAEMON@mx.example.net
Message-ID: <$1.$2@mx.example.net>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; u$2@example.net
Action: failed
Status: 5.1.1

EOF
}
# a message goes on when the next begins
seen() {
    for i in $(seq 200); do # ends early, and is only this long on a busy machine
        [ "$(grep -c '^X-NDR-Flag' out)" -ge "$1" ] && break
        sleep 0.1
    done
}
put one 1; put two 2; seen 1
secret two
sleep 1.2
put two 3; put two 4; seen 3
chmod o+r "$HOME/batv.secret"
sleep 1.2
put two 5; put two 6; seen 5
exec 3>&-
wait $!
echo "exit $?"
sed -n 's/^\(X-NDR-Evidence\|Message-ID\): //p' out
cat err >&2
