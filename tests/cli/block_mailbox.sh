# SPDX-License-Identifier: BSD-3-Clause
# A window for some mailboxes of a domain alone.
days() { sed 's/(in .*)/(in DAYS)/'; }
"$NDRSCAN" block example.com --mailbox Info,sales,info --from 2008-05-13T08:00:00Z --until 9998-01-01T00:00:00Z | days
"$NDRSCAN" block example.com --mailbox sales,info --from 2008-05-14T08:00:00Z --until 9998-01-02T00:00:00Z | days
"$NDRSCAN" block example.com --from 2008-05-13T08:00:00Z --until 2008-05-14T08:00:00Z
grep -v '^#' config/ndrscan/windows.d/ndrscan.yaml
"$NDRSCAN" windows history --output jsonl | sed 's/.*"what"/"what"/'
"$NDRSCAN" windows history | tr -s ' \n' ' ' | grep -o 'info@, sales@ of example.com'
bounce() {
    printf 'From: MAILER-DAEMON@mx.example.net\nDelivered-To: %s@example.com\nReturn-Path: <>\nDate: Sat, 1 Mar 2025 10:00:00 +0000\nReceived: from a by b; Sat, 1 Mar 2025 10:00:00 +0000\nSubject: Undelivered Mail Returned to Sender\n\nYour message could not be delivered.\n<bob@example.org>: 550 5.1.1 User unknown\n' "$1"
}
for to in INFO sales boss; do bounce "$to" | "$NDRSCAN" scan -q --emit all - | grep -o '"verdict":"[a-z]*"'; done
"$NDRSCAN" unblock example.com
for wrong in info@example.com --mailbox=a@b --mailbox=,; do
    "$NDRSCAN" block example.com "$wrong" >/dev/null; echo "status $?"
done
