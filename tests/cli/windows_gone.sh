# a folder of windows that was, or that cannot be looked at, is never "no windows"
printf 'Return-Path: <>\nTo: a@example.com\nSubject: x\n\nhi\n' > m.eml
w=config/ndrscan/windows.d
try() { echo "$1"; shift; "$NDRSCAN" "$@" > /dev/null 2> said; echo "status $?"; grep -v '^[a-z]* *[0-9]' said | grep ndrscan; }
scan() { try "$1" scan --quiet m.eml; }
scan 'never was'
mkdir -p config && touch config/ndrscan
scan 'a file where a folder was to be'
rm config/ndrscan && mkdir config/ndrscan && ln -s ../../nowhere $w
scan 'a link that leads nowhere'
rm $w && ln -s windows.d $w
scan 'a link to itself'
rm $w
"$NDRSCAN" block example.com --from 2026-11-01T00:00:00Z --until 2026-11-02T00:00:00Z > /dev/null
scan 'there'
mv $w/ndrscan.yaml kept.yaml
scan 'a mount point whose file system is not mounted'
mkdir -p Maildir/cur Maildir/new Maildir/tmp
try 'neither by name' apply --windows $w Maildir
try 'nor in the list' windows
try 'nor in a report' report --stats none.db
try 'nor on the way' filter --format message
rm -r $w
scan 'gone'
mkdir $w && touch $w/ndrscan.yaml
scan 'meant to hold none'
