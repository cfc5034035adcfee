# SPDX-License-Identifier: BSD-3-Clause
# a mailbox that grows while it is read is told of, and nothing is made of it
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
{ cat "$DATA/mixed.mbox"; echo; } >box
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
    cat box box >more
    mv more box
done
for try in 1 2 3 4 5 6 7 8 9 10; do
    $S --junk a --keep b box 2>err &
    until ls -l /proc/$!/fd 2>/dev/null | grep -q deleted || ! kill -0 $! 2>/dev/null; do :; done
    # it has begun to read, and has 90 MB before it
    kill -STOP $! 2>/dev/null
    echo >>box
    kill -CONT $! 2>/dev/null
    wait $!
    status=$?
    [ $status = 0 ] || break
    rm -f a b # it was done before it was stopped
done
echo "exit $status"
cat err >&2
ls -A
