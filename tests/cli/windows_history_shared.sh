# SPDX-License-Identifier: BSD-3-Clause
# the history of what all users share and one's own are told as one, by time; one that cannot be read is said
unset XDG_CONFIG_HOME XDG_STATE_HOME
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root' >&2; exit 77; }
setpriv --reuid=nobody --clear-groups "$NDRSCAN" version >/dev/null 2>&1 ||
    { echo "skipped: nobody cannot run $NDRSCAN" >&2; exit 77; }
chmod 755 . && mkdir -p -m 755 system/var/lib/ndrscan home/.local/state/ndrscan && chown -R nobody home
line() {
    printf '{"at":"%s","who":"%s","uid":0,"what":"block","domain":"%s","from":"2008-01-01T00:00:00Z","until":"2008-01-02T00:00:00Z","folder":"%s"}\n' "$@"
}
{
    line 2024-01-01T00:00:00Z root first.example /etc/ndrscan/windows.d
    line 2024-01-03T00:00:00Z root third.example /var/lib/ndrscan/windows.d
    line 2024-01-03T00:00:00Z root third.again.example /var/lib/ndrscan/windows.d
    line never root of-no-time.example /var/lib/ndrscan/windows.d
    line 2024-01-05T00:00:00Z root fifth.example /var/lib/ndrscan/windows.d
} >system/var/lib/ndrscan/history.jsonl
{
    line 2024-01-02T00:00:00Z nobody second.example /home/nobody/.config/ndrscan/windows.d
    line 2024-01-04T00:00:00Z nobody fourth.example /home/nobody/.config/ndrscan/windows.d
} >home/.local/state/ndrscan/history.jsonl
chmod 644 system/var/lib/ndrscan/history.jsonl home/.local/state/ndrscan/history.jsonl
as() { HOME="$PWD/home" setpriv --reuid=nobody --clear-groups "$@"; }
domains() { grep -o '"domain":"[^"]*"' | cut -d'"' -f4 | tr '\n' ' '; echo; }
echo '-- a user'
as "$NDRSCAN" windows history --output jsonl | domains
as "$NDRSCAN" windows history second.example third.example
echo '-- root, whose own is what all share'
"$NDRSCAN" windows history --output jsonl | domains
echo '-- another history of root'
mkdir -p state/ndrscan && line 2024-01-02T12:00:00Z root xdg.example /x >state/ndrscan/history.jsonl
XDG_STATE_HOME="$PWD/state" "$NDRSCAN" windows history --output jsonl | domains
echo '-- what all share is closed'
chmod 600 system/var/lib/ndrscan/history.jsonl
as "$NDRSCAN" windows history --output jsonl 2>&1 >own | sed 's/^ndrscan: //'
domains <own
