# SPDX-License-Identifier: BSD-3-Clause
# a mailbox in use is waited for, and left alone when that takes too long
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
cp "$DATA/mixed.mbox" box
: >box.lock
(sleep 0.5; rm box.lock) &
$S --junk junk --keep keep box; echo "exit $?"
wait
: >held
python3 -c 'import fcntl,sys,time
f = open("box", "r+")
fcntl.lockf(f, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(30)' >held &
until grep -q locked held; do sleep 0.05; done
$S --junk a --keep b box; echo "exit $?"
kill $!
ls
