# what the statistics say of a domain that is blocked: many, since when; never seen, and which was meant
export TZ=UTC
"$NDRSCAN" block example.com --from storm
echo $?
now=$(date +%s)
bounce() { # number age domain
    printf 'From MAILER-DAEMON Wed May 14 10:00:00 2008\nReturn-Path: <>\nDelivered-To: alice@%s\n' "$3"
    printf 'Received: from mx.example.org by mx.example.com id %s; %s\n' "$1" "$(date -u -R -d "@$((now - $2))")"
    sed -e '1,/^$/{/^Return-Path/d;/^Delivered-To/d;/^Received/,/^Date/d}' "$DATA/bounce.eml" | sed 's/^From /> From /'
    echo
}
for i in $(seq 150); do bounce $i $((900 + i)) example.com; done >mbox
bounce 900 7200 quiet.example >>mbox
"$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --output summary --quiet --stats stats.db mbox >/dev/null
settle() { sed 's/[0-9]\{4\}-[0-9-]* [0-9:]*/WHEN/g; s/(in [^)]*)/(in SPAN)/'; }
"$NDRSCAN" block --stats stats.db example.com | settle
"$NDRSCAN" block --stats stats.db example.com --from storm | settle
"$NDRSCAN" block --stats stats.db exmaple.com | settle
"$NDRSCAN" block --stats stats.db far.away.example | settle
"$NDRSCAN" block --stats stats.db quiet.example | settle
"$NDRSCAN" block --stats stats.db quiet.example --from storm
echo $?
