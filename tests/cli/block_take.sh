# SPDX-License-Identifier: BSD-3-Clause
# Windows that take what is forged alone, or all but ours: written, listed, decided by.
mkdir -p config/ndrscan
ed25519='"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="'
"$NDRSCAN" block example.com --only-forged 2>&1
cat > config/ndrscan/identity.yaml <<EOF
identities:
  - domain: example.com
    dkim: [{selector: s, key: $ed25519}]
    all-mail: [dkim]
    since: 2008-01-01T00:00:00Z
  - domain: example.net
    dkim: [{selector: s, key: $ed25519}]
EOF
"$NDRSCAN" block example.net --only-forged 2>&1
sed -n '/example.net/,$d;p' config/ndrscan/identity.yaml > one.yaml
sed 's/example.com/example.net/' one.yaml > other.yaml
from='--from 2008-05-13T08:00:00Z'
"$NDRSCAN" block example.com $from --only-forged
"$NDRSCAN" block example.com $from --only-forged
"$NDRSCAN" block example.net $from --until 2008-05-14T08:00:00Z --only-forged --note 'a while' --identity other.yaml
"$NDRSCAN" block example.org $from --until 2008-05-14T08:00:00Z --take all-but-ours
"$NDRSCAN" block example.edu $from --until 2008-05-14T08:00:00Z --take all
grep -v '^#' config/ndrscan/windows.d/ndrscan.yaml
"$NDRSCAN" windows check config/ndrscan/windows.d 2>&1
cat other.yaml > both.yaml; tail -n +2 one.yaml >> both.yaml
"$NDRSCAN" windows check --identity both.yaml config/ndrscan/windows.d
rm config/ndrscan/identity.yaml
"$NDRSCAN" windows --at 2008-05-13T09:00:00Z
"$NDRSCAN" windows --output jsonl | grep -o '"mailboxes.*"note"'
"$NDRSCAN" windows history --output jsonl | grep -o '"take.*"folder"'
"$NDRSCAN" windows history | tr -s ' \n' '  ' | grep -o 'blocked [^ ]* for [^0-9]*'
for to in com net org edu; do
    printf 'From: MAILER-DAEMON@mx.example.net\nDelivered-To: a@example.%s\nReturn-Path: <>\nReceived: from a by b; Tue, 13 May 2008 10:00:00 +0000\nSubject: Undelivered Mail Returned to Sender\n\nYour message could not be delivered.\n<bob@example.org>: 550 5.1.1 User unknown\n' "$to" |
        "$NDRSCAN" scan -q --emit all - | grep -o '"verdict":"[a-z]*"\|"reason":"[^"]*"'
done
"$NDRSCAN" unblock example.com example.net
for wrong in --take=some '--only-forged --take=all' '--only-forged --for 2d --until 2d'; do
    "$NDRSCAN" block example.com $wrong 2>&1 | head -1
done
