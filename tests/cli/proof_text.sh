# SPDX-License-Identifier: BSD-3-Clause
# who failed is read from running text for a proof whatever the output tells: a genuine bounce beside a crowd of copies stays
. "$CASES/captured_mail.inc"
mkdir -p M/cur M/new M/tmp
bounce() { # to whom it went
    cat >M/new/1528714800.$1.mx <<EOF
Return-Path: <>
Delivered-To: joe@example.com
Received: from mx.example.net by mx.example.com; Mon, 11 Jun 2018 10:00:00 +0000
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: joe@example.com
Subject: Mail delivery failed: returning message to sender
Message-Id: <$1@mx.example.net>
Date: Mon, 11 Jun 2018 10:00:00 +0000

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  $1@example.net
    host mx.example.net [192.0.2.1]: 550 5.1.1 <$1@example.net>: User unknown

------ This is a copy of the message, including all the headers. ------

From: joe@example.com
Message-ID: <captured@example.com>
Date: Mon, 11 Jun 2018 09:00:00 +0000

hi
EOF
}
bounce friend
n=0
while [ $n -lt 21 ]; do
    n=$((n + 1))
    bounce s$n
done
scan() { echo "-- $*"; $NDRSCAN scan -q --sent sent --windows w.yaml "$@"; }
scan M/new/*friend.mx | grep -o '"proof":"[a-z-]*","result":"[a-z]*"'
scan --output tsv M/new/*friend.mx | cut -f 5,14,15
$NDRSCAN apply --windows w.yaml --sent sent M 2>&1 | grep -v '^to put it back'
find M/new -type f
