# SPDX-License-Identifier: BSD-3-Clause
# a log is followed through rotations: renamed and none for a while, renamed with an empty one there at once,
# and emptied where it is
way() { # id: in, then out
    for text in "smtpd[1]: $1: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=a" \
        "cleanup[1]: $1: message-id=<$1@a>" \
        "qmgr[1]: $1: from=<alice@example.com>, size=1, nrcpt=1 (queue active)" \
        "smtp[1]: $1: to=<bob@example.org>, relay=x, delay=1, status=sent (ok)"; do
        printf '%s mx1 postfix/%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$text"
    done
}
known() { # until it is, 30 seconds at most
    for i in $(seq 300); do
        "$NDRSCAN" sent check --sender example.com --recipient bob@example.org "$1@a" >/dev/null 2>&1 && {
            echo "$1 is known"
            return
        }
        sleep 0.1
    done
    echo "$1 is not known"
}
way 4AAAAA >mail.log
"$NDRSCAN" sent add --follow --quiet --machine mx1 mail.log &
known 4AAAAA
way 4BBBBB | head -2 >>mail.log
sleep 0.2
mv mail.log mail.log.1
way 4BBBBB | sed -n 3p >>mail.log.1 # its writer does not know yet
sleep 1.2
way 4BBBBB | sed -n 4p >mail.log
known 4BBBBB
way 4CCCCC >>mail.log
known 4CCCCC
mv mail.log mail.log.1
: >mail.log # as logrotate does, long before it tells the writer
sleep 2.5
way 4EEEEE | head -3 >>mail.log.1
way 4EEEEE | sed -n 4p >>mail.log
known 4EEEEE
mv mail.log mail.log.2
: >mail.log
sleep 1.5
mv mail.log mail.log.1 # again, before anything was in it
: >mail.log
sleep 1
way 4FFFFF >>mail.log.1
known 4FFFFF
way 4GGGGG >>mail.log
known 4GGGGG
: >mail.log
sleep 1
way 4DDDDD | head -1 >>mail.log
way 4DDDDD | tail -3 >>mail.log
known 4DDDDD
"$NDRSCAN" sent add --quiet --machine mx1 mail.log
echo $?
kill -TERM $!
wait $!
echo $?
