# a folder of windows whose files are gone is not changed, and brings no mail back
w=config/ndrscan/windows.d
try() { echo "$1"; shift; "$NDRSCAN" "$@" 2>&1; echo "status $?"; }
mkdir -p Maildir/cur Maildir/new Maildir/tmp
sed 's/^Delivered-To:.*/Delivered-To: alice@example.com/' "$DATA/bounce.eml" > Maildir/new/1.host
"$NDRSCAN" block example.com --from 2008-01-01T00:00:00Z --until 2009-01-01T00:00:00Z > kept
"$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" Maildir 2> kept
find Maildir -type f | sort
mv $w/ndrscan.yaml kept.yaml
try 'block' block other.example
try 'block where it is named' block --windows-dir $w other.example
try 'unblock' unblock example.com
try 'settle' windows settle
find $w -type f
rm -r $w
try 'block where the folder is gone' block other.example
test -e $w && echo "a folder was made"
mkdir -p named mine
rules="--no-shipped-rules --rules $DATA/rules.yaml"
try 'apply by a named folder without windows' apply $rules --windows named Maildir
try 'though another holds some' apply $rules --windows kept.yaml --windows named Maildir
try 'or with records' apply $rules --from-verdicts /dev/null --windows named Maildir
find Maildir -type f | sort
printf "windows:\n  - domain: example.org\n    from: 2008-01-01T00:00:00Z\n    until: 2009-01-01T00:00:00Z\n" > try.yaml
try 'what windows would do may be asked' apply $rules --windows named --try try.yaml --dry-run --output table Maildir | grep -e status -e ndrscan
echo 'who only judges is warned'
"$NDRSCAN" scan --quiet $rules --windows named "$DATA/bounce.eml" > kept; echo "status $?"
"$NDRSCAN" filter $rules --windows named < "$DATA/bounce.eml" > kept; echo "status $?"
mkdir -p fresh/ndrscan/windows.d
XDG_CONFIG_HOME=$PWD/fresh try 'an empty folder by default is as none' apply $rules Maildir
find Maildir -type f | sort
touch named/none.yaml
"$NDRSCAN" apply $rules --windows named Maildir 2> kept
echo "an empty file says that no window is meant: status $?"
find Maildir -type f | sort
