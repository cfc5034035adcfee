# SPDX-License-Identifier: BSD-3-Clause
# storms from mail that was counted: a table, bars, JSON, the windows it would open; and with those
one() { # hour minute number
    printf 'Return-Path: <>\nDelivered-To: alice@%s\n' "$4"
    printf 'Received: from mx.example.org by mx.example.com; Wed, 14 May 2008 %s:%02d:01 +0000\n' "$1" "$2"
    sed -e '1,/^$/{/^Return-Path/d;/^Delivered-To/d;/^Received/,/^Date/d;s/^Message-Id.*/Message-Id: <'"$3@$4"'>/;}' \
        "$DATA/bounce.eml" | sed 's/^From /> From /'
}
n=0
for m in 1 6 11 16 21 26; do
    for i in $(seq 70); do
        n=$((n + 1))
        echo "From MAILER-DAEMON Wed May 14 10:00:00 2008"
        one 10 $m $n example.com
        echo
    done
done >mbox
for h in 07 09 11; do
    n=$((n + 1))
    echo "From MAILER-DAEMON Wed May 14 10:00:00 2008"
    one $h 30 $n quiet.example
    echo
done >>mbox
"$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --output summary --quiet --stats stats.db mbox >/dev/null
NOON="--stats stats.db --since 2008-05-14T06:00:00Z --at 2008-05-14T12:00:00Z"
"$NDRSCAN" report $NOON
"$NDRSCAN" report $NOON --bars blocks example.com
ON="--stats stats.db --since 2008-05-14T10:00:00Z --at 2008-05-14T10:30:00Z"
"$NDRSCAN" report $ON --output json
"$NDRSCAN" report $ON --suggest | tee mine.yaml
"$NDRSCAN" windows check mine.yaml
"$NDRSCAN" report $ON --windows mine.yaml
"$NDRSCAN" report $ON --windows mine.yaml --suggest
"$NDRSCAN" report --stats stats.db | tail -n +3
"$NDRSCAN" report --stats none.db
echo $?
