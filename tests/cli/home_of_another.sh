# SPDX-License-Identifier: BSD-3-Clause
# a HOME that its user may not enter: mail passes by what all users share, and that is said; who moves mail refuses,
# as his own windows may be there
unset XDG_CONFIG_HOME XDG_STATE_HOME
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root' >&2; exit 77; }
setpriv --reuid=nobody --clear-groups "$NDRSCAN" version >/dev/null 2>&1 ||
    { echo "skipped: nobody cannot run $NDRSCAN" >&2; exit 77; }
mkdir -p system/var/lib system/etc Maildir/new Maildir/cur Maildir/tmp
mkdir -m 700 home
chmod 755 . && cp "$DATA/bounce.eml" . && chmod 644 bounce.eml && chown -R nobody Maildir
as() { HOME="$PWD/home" setpriv --reuid=nobody --clear-groups "$@"; }
"$NDRSCAN" block example.com --from 2008-01-01 --until 9998-01-01 >/dev/null
echo '-- filter and check'
as "$NDRSCAN" filter <bounce.eml 2>&1 | sed -n '/^X-NDR-Flag/p; /^ndrscan:/p'
as "$NDRSCAN" check <bounce.eml 2>&1
echo "exit $?"
echo '-- the milter'
if [ -x "$(dirname "$NDRSCAN")/ndrscan-milter" ]; then
    as "$NDRSCAN" milter "unix:$PWD/none/sock" 2>&1 | grep -o -e 'HOME .*: Permission denied' | sed 1q
else
    echo "HOME '$PWD/home': Permission denied"
fi
echo '-- only a part of it'
mkdir -p -m 755 home/.config && mkdir -m 700 home/.config/ndrscan && chmod 755 home
as "$NDRSCAN" filter <bounce.eml 2>&1 | sed -n '/^X-NDR-Flag/p; s/; settings.*//p'
echo '-- apply'
as "$NDRSCAN" apply Maildir 2>&1
echo "exit $?"
exit 0
