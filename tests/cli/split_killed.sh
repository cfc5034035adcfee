# SPDX-License-Identifier: BSD-3-Clause
# killed while it reads, split leaves no mail behind; pack ends at a hangup as split does
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
mkdir out
mkfifo pipe
for by in KILL ABRT HUP TERM; do
    $S --junk out/junk --keep out/keep.zst - <pipe 2>err &
    pid=$!
    exec 3>pipe
    cat "$DATA/mixed.mbox" "$DATA/mixed.mbox" >&3
    until ls -l /proc/$pid/fd 2>/dev/null | grep -q 'out/.*deleted' || ! kill -0 $pid 2>/dev/null; do sleep .1; done
    kill -$by $pid
    wait $pid 2>/dev/null
    echo "split $by $?"
    exec 3>&-
    ls -A out
done
$NDRSCAN pack -o out/new.zst - <pipe &
pid=$!
exec 3>pipe
cat "$DATA/mixed.mbox" >&3
sleep 1
kill -HUP $pid
wait $pid
echo "pack HUP $?"
exec 3>&-
ls -A out
