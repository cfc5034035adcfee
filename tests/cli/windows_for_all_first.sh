# SPDX-License-Identifier: BSD-3-Clause
# whatever root's first command is, and whatever the umask: the folder in which all users look for windows is one
# that they can look into, and what is secret in it is not
unset XDG_CONFIG_HOME XDG_STATE_HOME
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root' >&2; exit 77; }
chmod 755 .
env -u HOME setpriv --reuid=nobody --clear-groups "$NDRSCAN" version >/dev/null 2>&1 ||
    { echo "skipped: nobody cannot run $NDRSCAN" >&2; exit 77; }
command -v openssl >/dev/null || exit 77
mkdir -p M/cur M/new M/tmp && cp "$DATA/bounce.eml" . && chmod 644 bounce.eml
openssl genrsa -out key.pem 2048 2>/dev/null
printf '%s\n' 'Nov 29 08:00:01 mx postfix/pickup[1]: 4ABCDEF012: uid=0 from=<a>' >mail.log
printf 'windows: []\n' >none.yaml
state=$PWD/system/var/lib/ndrscan settings=$PWD/system/etc/ndrscan
first() {
    for mask in 022 077; do
        rm -rf system && mkdir -p system/var/lib system/etc
        (umask $mask; echo 'ten letters' | "$NDRSCAN" "$@" >/dev/null 2>err || cat err)
        "$NDRSCAN" block example.com --from '2008-01-01' --until 9998-01-01 | sed 1d | grep -v 'all users of this host$'
        echo "$mask $(stat -c %A "$state") $(stat -c %A "$settings" 2>/dev/null) $(setpriv --reuid=nobody \
            --clear-groups env -u HOME "$NDRSCAN" filter <bounce.eml 2>&1 | sed -n 1p)"
        find system -name journal -o -name sent -o -name events -o -name admins.yaml | xargs -r stat -c '  %A %n'
    done
}
for words in 'apply --windows none.yaml M' "apply --journal $state/journal --windows none.yaml M" 'sent add mail.log' \
    'scan --quiet --stats default M' 'scan --count-proofs --quiet M' \
    'identity init example.com --key key.pem --selector mail' \
    "console passwd --cost 1 --add $settings/admins.yaml --name anna --domain example.com --role look"; do
    echo "-- $words" | sed "s|$PWD|FOLDER|g"
    # shellcheck disable=SC2086 # words
    first $words
done
echo '-- one that is closed: told to root, and to who looks for windows'
chmod 700 "$state"
"$NDRSCAN" block example.net --for 1h | sed 1d
setpriv --reuid=nobody --clear-groups env -u HOME "$NDRSCAN" windows 2>&1
exit 0
