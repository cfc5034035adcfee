# SPDX-License-Identifier: BSD-3-Clause
# a mailbox that grows while it is read is told of, and nothing is made of it
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
mkfifo out
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat "$DATA/mixed.mbox"; echo; done >box
# the lock is not heeded: strace would be surer, and is not everywhere
(while :; do echo >>box; done) &
sleep 0.2
$S --junk a --keep b box; echo "exit $?"
kill $!
ls
