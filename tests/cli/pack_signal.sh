# SPDX-License-Identifier: BSD-3-Clause
# stopped by SIGTERM while it waits: exit 75, and nothing is left in the folder
mkfifo pipe
mkdir out
$NDRSCAN pack -o out/new.zst - <pipe &
pid=$!
exec 3>pipe
cat "$DATA/mixed.mbox" >&3
sleep 1
kill -TERM $pid
wait $pid
echo $?
exec 3>&-
ls -A out
