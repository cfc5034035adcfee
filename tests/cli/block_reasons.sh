# reasons and times: what went wrong is named, what was done is not denied
try() { "$NDRSCAN" "$@" 2>&1; echo "status $?"; }
try block example.com --from storm
try report
"$NDRSCAN" block full.example > /dev/full; echo "status $?" >&2
"$NDRSCAN" unblock full.example > /dev/full; echo "status $?" >&2
"$NDRSCAN" windows | grep -c full.example
try block example.com --from 2008-05-13T08:00Z --until '2008-05-14T10:00+02:00'
try undo --journal nodir
try runs --journal nodir
try undo
try runs
find . -name nodir -o -name journal
echo "a folder that cannot be made is not one that is missing"
hidden() { "$NDRSCAN" "$@" 2>&1 | grep -c 'No such file'; }
mkdir -p Maildir/cur Maildir/new Maildir/tmp
hidden apply --no-windows --journal /sys/nowhere/below Maildir
XDG_STATE_HOME=/sys/nowhere hidden block example.org
XDG_STATE_HOME=/sys/nowhere hidden scan --stats default /dev/null
XDG_CONFIG_HOME=/sys/nowhere hidden block example.org
"$NDRSCAN" block now.example > kept; "$NDRSCAN" unblock now.example | grep -c cancelled
