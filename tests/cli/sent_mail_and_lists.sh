# SPDX-License-Identifier: BSD-3-Clause
# what is in Sent folders and lists was sent, Exim's log too
mkdir -p Sent/cur Sent/new Sent/tmp
printf 'From: Alice <alice@example.com>\nTo: Bob <bob@example.org>,\n c@example.org\nBcc: d@example.org\nMessage-ID:\n <1@a>\nDate: Sun, 29 Nov 2026 10:00:00 +0000\n\nhello\n' >Sent/cur/1.a:2,S
printf 'From: eve@example.net\nTo: bob@example.org\nMessage-ID: <2@a>\n\nhello\n' >Sent/cur/2.a:2,S
ask() {
    "$NDRSCAN" sent check --at 2026-11-30T12:00:00Z "$@"
}
"$NDRSCAN" sent add --machine mx1 --format mail --domain example.com Sent
ask --sender example.com --recipient bob@example.org 1@a
ask --sender example.com --recipient d@example.org 1@a
ask --sender example.net --recipient bob@example.org 2@a
printf '<3@a>\texample.com\tbob@example.org\t2026-11-29T10:00:00Z\n\n4@a\texample.com\n5@a\texample.com\tbob@example.org\t2026-01-01T10:00:00Z\n' >list
touch -d 2026-11-29T11:00:00Z list
"$NDRSCAN" sent add --machine mx1 --format list list
ask --sender example.com --recipient bob@example.org 3@a
ask --sender example.com --recipient bob@example.org 4@a
ask --sender example.com --recipient bob@example.org 5@a
ask --sender example.com --at 2026-01-02 5@a
printf '6@a\n' | "$NDRSCAN" sent add --machine mx1 --format list -
echo $?
printf '6@a\texample.com\t\tyesterday\n' | "$NDRSCAN" sent add --machine mx1 --format list -
echo $?
printf '2026-11-29 10:00:01 1vPkHg-0001Ab-2C <= alice@example.com U=alice P=local S=5 id=7@a\n2026-11-29 10:00:02 1vPkHg-0001Ab-2C => bob@example.org <list@example.com> R=dnslookup T=remote_smtp\n2026-11-29 10:00:02 1vPkHg-0001Ab-2C Completed\n' >mainlog
"$NDRSCAN" sent add --machine mx1 --tz +01:00 mainlog
ask --sender example.com --recipient list@example.com 7@a
