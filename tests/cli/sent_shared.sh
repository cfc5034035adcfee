# SPDX-License-Identifier: BSD-3-Clause
# a set that is its owner's alone, and one that a group may ask
[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null || exit 77
chmod 755 .
cat >mail.log <<'EOF'
2018-06-11T09:00:00+00:00 mail postfix/pickup[7]: 4ABCD12345: uid=1000 from=<joe@example.com>
2018-06-11T09:00:00+00:00 mail postfix/cleanup[8]: 4ABCD12345: message-id=<a@example.com>
2018-06-11T09:00:00+00:00 mail postfix/qmgr[9]: 4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)
2018-06-11T09:00:01+00:00 mail postfix/smtp[10]: 4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2018-06-11T09:00:01+00:00 mail postfix/qmgr[9]: 4ABCD12345: removed
EOF
as() { # GROUP ...
    group=$1
    shift
    setpriv --reuid 65534 --regid "$group" --clear-groups "$NDRSCAN" "$@"
    echo "status $?"
}
check() { as 65533 sent check --set "$HOME/$1" --at 2018-06-12T00:00:00Z --sender example.com --recipient friend@example.net a@example.com; }
modes() { (cd "$1" && stat -c '%a %g %n' . *.key *.seg | sed 's/[^ .]*\.\(key\|seg\)$/\1/'); }
$NDRSCAN sent add --set "$HOME/own" mail.log
modes own
check own
chmod 755 own
check own
echo '# of a group'
install -d -m 2750 -g 65533 shared
$NDRSCAN sent add --set "$HOME/shared" mail.log
modes shared
check shared
as 65534 sent check --set "$HOME/shared" --sender example.com a@example.com
echo '# opened later'
chmod 700 own
chgrp -R 65533 own && chmod 2750 own && chmod 640 own/*.key
check own
