# SPDX-License-Identifier: BSD-3-Clause
# SIGTERM in the middle of a pipe: the records in flight are written whole, exit 75
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo pipe
env --default-signal=INT $S --output paths0 -j 2 - <pipe >records &
pid=$!
exec 3>pipe
cat "$DATA/mixed.mbox" >&3
sleep 1
kill -TERM $pid
wait $pid
status=$?
exec 3>&-
tr '\0' '\n' <records
exit $status
