# SPDX-License-Identifier: BSD-3-Clause
# root's own set, where all users look: of group ndrscan, whose services ask; without that group it is said that others cannot
unset XDG_CONFIG_HOME XDG_STATE_HOME
[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null || { echo 'skipped: needs root, and unshare -m' >&2; exit 77; }
chmod 755 . && mkdir -p system/var/lib system/etc other
cat >mail.log <<'EOF'
2018-06-11T09:00:00+00:00 mail postfix/pickup[7]: 4ABCD12345: uid=1000 from=<joe@example.com>
2018-06-11T09:00:00+00:00 mail postfix/cleanup[8]: 4ABCD12345: message-id=<a@example.com>
2018-06-11T09:00:00+00:00 mail postfix/qmgr[9]: 4ABCD12345: from=<joe@example.com>, size=900, nrcpt=1 (queue active)
2018-06-11T09:00:01+00:00 mail postfix/smtp[10]: 4ABCD12345: to=<friend@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
2018-06-11T09:00:01+00:00 mail postfix/qmgr[9]: 4ABCD12345: removed
EOF
set=system/var/lib/ndrscan/sent
grep -v '^ndrscan:' /etc/group >without
{ cat without; echo 'ndrscan:x:65533:'; } >with
for group in with without; do
    echo "-- $group the group" | tee /dev/stderr
    rm -rf system/var/lib/ndrscan
    # shellcheck disable=SC2016 # for the inner shell
    GROUP=$group unshare -m sh -c 'mount --bind "$GROUP" /etc/group && exec "$NDRSCAN" sent add mail.log' 2>said
    cat said >&2
    stat -c '%a %g' "$set" "$set"/*.key
    # as the services' user asks, and as a stranger
    for gid in 65533 65532; do
        HOME=$PWD/other setpriv --reuid=65534 --regid=$gid --clear-groups "$NDRSCAN" sent check --set "$PWD/$set" \
            --at 2018-06-12T00:00:00Z --sender example.com a@example.com
    done
done
"$NDRSCAN" sent add mail.log # said once
echo '-- what it says lets them in' | tee /dev/stderr
# shellcheck disable=SC2016 # for the inner shell
REMEDY=$(sed -n 's/.*groupadd -r ndrscan && \(.*\.key\); .*/\1/p' said) unshare -m sh -c 'mount --bind with /etc/group && eval "$REMEDY"'
stat -c '%a %g' "$set" "$set"/*.key
HOME=$PWD/other setpriv --reuid=65534 --regid=65533 --clear-groups "$NDRSCAN" sent check --set "$PWD/$set" \
    --at 2018-06-12T00:00:00Z --sender example.com a@example.com
exit 0
