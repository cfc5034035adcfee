# SPDX-License-Identifier: BSD-3-Clause
# Windows that take what is forged alone, or all but ours: written, listed, decided by.
from='--from 2008-05-13T08:00:00Z'
"$NDRSCAN" block example.com $from --only-forged
"$NDRSCAN" block example.com $from --only-forged
"$NDRSCAN" block example.net $from --until 2008-05-14T08:00:00Z --only-forged --note 'a while'
"$NDRSCAN" block example.org $from --until 2008-05-14T08:00:00Z --take all-but-ours
"$NDRSCAN" block example.edu $from --until 2008-05-14T08:00:00Z --take all
grep -v '^#' config/ndrscan/windows.d/ndrscan.yaml
"$NDRSCAN" windows check config/ndrscan/windows.d
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
