# SPDX-License-Identifier: BSD-3-Clause
# Maildir messages get From_ lines and quoting; sources stand behind each other
mkdir -p Maildir/cur Maildir/new Maildir/tmp
printf 'Return-Path: <ann@example.com>\nSubject: x\n\nFrom here on\n>From there\n' \
    >Maildir/cur/1210671062.M1P1.host:2,S
printf 'return-path:  <>\r\nSubject: y\r\n\r\nFrom me\r\nno end' >Maildir/new/1210757462.M2P1.host
printf 'Return-Path: <a b@example.com>\nSubject: z\n\n' >Maildir/new/1210757463.M3P1.host
printf 'half' >Maildir/tmp/1210757464.M4P1.host
printf 'From me@example.org Tue May 13 09:31:02 2008\nSubject: box\n\nlast line' >box
touch -d @1210671000 Maildir/cur/*
$NDRSCAN pack -q -o all.zst Maildir box Maildir/cur/*
zstd -dcq all.zst | sed -n l
