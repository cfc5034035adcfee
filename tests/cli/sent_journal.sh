# SPDX-License-Identifier: BSD-3-Clause
# what journalctl -o export writes is a log: text fields, binary ones, and what is no line of mail
entry() { # PROGRAM PID MESSAGE
    printf '__CURSOR=s=1;i=%s\n__REALTIME_TIMESTAMP=1528707600000000\n__MONOTONIC_TIMESTAMP=5\n_HOSTNAME=mail\n_PID=1\nSYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%s\n' "$2" "$1" "$2"
    case $3 in
    *€*) # not printable ASCII: as bytes behind their number
        printf 'MESSAGE\n'
        python3 -c 'import struct, sys; sys.stdout.buffer.write(struct.pack("<Q", len(sys.argv[1].encode())))' "$3"
        printf '%s\n' "$3"
        ;;
    *) printf 'MESSAGE=%s\n' "$3" ;;
    esac
    printf '_TRANSPORT=syslog\n\n'
}
{
    entry postfix/pickup 7 '4ABCD12345: uid=1000 from=<joe@example.com>'
    printf '__CURSOR=s=2\n__REALTIME_TIMESTAMP=1528707600000000\nMESSAGE=nobody says it\n\n'
    entry postfix/cleanup 8 '4ABCD12345: message-id=<a=€@example.com>'
    entry postfix/qmgr 9 '4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)'
    entry postfix/smtp 10 '4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)'
    entry kernel 0 'something else'
    entry postfix/qmgr 9 '4ABCD12345: removed'
} >export
check() { $NDRSCAN sent check --set "$1" --at 2018-06-12T00:00:00Z --sender example.com --recipient friend@example.net 'a=€@example.com'; }
$NDRSCAN sent add --set whole - <export
check whole
echo '# in pieces'
python3 -c '
import sys, time
for byte in open("export", "rb").read():
    sys.stdout.buffer.write(bytes([byte]))
    sys.stdout.flush()' | $NDRSCAN sent add --set pieces -
check pieces
echo '# torn'
head -c 700 export | $NDRSCAN sent add --set torn -
echo "status $?"
check torn
echo '# a field without end'
python3 -c 'import sys; sys.stdout.buffer.write(b"__CURSOR=s=1\nMESSAGE\n" + b"\xff" * 20)' | $NDRSCAN sent add --set endless -
echo "status $?"
