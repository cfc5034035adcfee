# what is wrong is named, with what to do
try() { "$NDRSCAN" "$@" > /dev/null; echo "status $?"; }
try block
try block '*.example.com'
try block user@example.com
try block example.com --for 2
try block example.com --for 2d --until 08:00
try block example.com --until soon
try block example.com --from 2008-02-30
try block example.com --from 2008-05-15T08:00:00Z --until 2008-05-13T08:00:00Z
try block example.com --kinds failed,bounced
try unblock
try windows lst
test ! -e config && echo "nothing was made"
# an argument that was forgotten is not the option behind it; with = it is what was said
try block example.com --note --until-calm
try watch --auto --stats default .
"$NDRSCAN" block example.com --from 2008-01-01 --until 2008-01-02 --note=--until-calm | sed 1q
