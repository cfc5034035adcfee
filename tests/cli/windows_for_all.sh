# SPDX-License-Identifier: BSD-3-Clause
# windows that all users share: root's block reaches whoever judges, whatever the umask; the administrator's
# folder counts too, a user's own adds, and a member of the group may write
unset XDG_CONFIG_HOME XDG_STATE_HOME
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root' >&2; exit 77; }
chmod 755 . # before: what may not be looked at in it is an error
for who in nobody mail; do
    env -u HOME setpriv --reuid=$who --clear-groups "$NDRSCAN" version >/dev/null 2>&1 ||
        { echo "skipped: $who cannot run $NDRSCAN" >&2; exit 77; }
done
mkdir -p system/var/lib system/etc
mkdir home && chown nobody home && cp "$DATA/bounce.eml" . && chmod 644 bounce.eml
as() { who=$1; shift; HOME="$PWD/home" setpriv --reuid="$who" "$@"; }
flags() {
    "$NDRSCAN" filter <bounce.eml | sed -n 1p
    env -u HOME setpriv --reuid=nobody --clear-groups "$NDRSCAN" filter <bounce.eml | sed -n 1p
}
modes() { stat -c '%A %U %n' "$@" | sed 's/ndrscan$/ndrscan/'; }
state=system/var/lib/ndrscan
echo '-- nothing yet'
flags 2>&1
echo '-- root blocks'
(umask 077; "$NDRSCAN" block example.com --from '2008-01-01' --until 9998-01-01) | sed 1d
modes $state $state/windows.d/ndrscan.yaml $state/history.jsonl
flags
echo '-- no other history, no other place'
find . -name '*.jsonl' -o -name windows.d
"$NDRSCAN" unblock example.com >/dev/null
flags
echo '-- the administrator writes his own'
mkdir -p system/etc/ndrscan/windows.d
printf 'windows:\n  - domain: example.com\n    from: 2008-01-01T00:00:00Z\n' >system/etc/ndrscan/windows.d/own.yaml
flags
"$NDRSCAN" unblock example.com
echo "exit $?"
rm system/etc/ndrscan/windows.d/own.yaml
echo '-- a user blocks for himself'
as nobody --clear-groups "$NDRSCAN" block example.com --from 2008-01-01 --until 9998-01-01 | sed 1d
flags
as nobody --clear-groups "$NDRSCAN" filter <bounce.eml | sed -n 1p
echo '-- and has all that the others have'
"$NDRSCAN" block example.net --from 2008-01-01 --until 9998-01-01 >/dev/null
as nobody --clear-groups "$NDRSCAN" windows --output jsonl | sed 's/.*"state":"\([a-z]*\)","domain":"\([a-z.]*\)".*/\1 \2/'
echo '-- a member of the group'
chgrp -R mail $state/windows.d $state/history.jsonl && chmod 2775 $state/windows.d && chmod 664 $state/history.jsonl
chmod g+w $state/windows.d/* $state/windows.d/.ndrscan.lock
(umask 077; as mail --regid=mail --clear-groups "$NDRSCAN" block example.org --from 2008-01-01 --until 9998-01-01) | sed 1d
modes $state/windows.d/ndrscan.yaml $state/windows.d/.ndrscan.lock
tail -n 1 $state/history.jsonl | grep -o '"what":.*"domain":"[a-z.]*"'
"$NDRSCAN" block example.com --from 2008-01-01 --until 9998-01-01 | sed 1d
flags
echo '-- whose members read the statistics, whatever the umask'
(umask 077; "$NDRSCAN" scan -q --output summary --stats default bounce.eml >/dev/null)
stat -c '%A %U %G %n' $state/stats.db
rm $state/stats.db
(umask 077; "$NDRSCAN" scan -q --recursive --plan plan bounce.eml && "$NDRSCAN" scan -q --plan plan --shard 0/1 --out-dir done &&
    "$NDRSCAN" stats merge -q --stats default done)
stat -c '%A %U %G %n' $state/stats.db
echo '-- what version 0.1 wrote, in another folder, can be ended'
cp $state/windows.d/ndrscan.yaml system/etc/ndrscan/windows.d/
flags
"$NDRSCAN" unblock example.com | sed 's/ since .*//'
flags
echo '-- a folder that was emptied is an error, for who may see it'
rm system/etc/ndrscan/windows.d/ndrscan.yaml $state/windows.d/ndrscan.yaml
"$NDRSCAN" filter <bounce.eml 2>&1 >/dev/null
exit 0
