# SPDX-License-Identifier: BSD-3-Clause
# windows that change while a mailbox is split do not count: all of it is judged alike
cp "$DATA/windows.yaml" windows.yaml
{
    { echo 'From MAILER-DAEMON Tue May 13 09:31:02 2008'; cat "$DATA/bounce.eml"; echo; }
    { echo 'From MAILER-DAEMON Tue May 13 09:31:03 2008'; cat "$DATA/letter.eml"; echo; }
} >first
{
    cat first
    sleep 0.5
    echo 'windows: []' >windows.yaml
    sleep 1.2
    cat first
} | $NDRSCAN split --no-shipped-rules --rules "$DATA/rules.yaml" --windows windows.yaml \
    --junk junk --keep keep -
echo "exit $?"
# the terminal is closed: nothing is left (under nohup, which ignores that, the signal is set back)
cp "$DATA/windows.yaml" windows.yaml
mkfifo pipe
env --default-signal=HUP $NDRSCAN split --no-shipped-rules --rules "$DATA/rules.yaml" --windows windows.yaml \
    --junk j2 --keep k2 - <pipe &
exec 3>pipe
# what it writes has no name yet, or a hidden one where the file system wants one
tries=0
until ls -l "/proc/$!/fd" 2>/dev/null | grep -Eq "$PWD/(#[0-9]+ \(deleted\)|\.j2\.)"; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || { echo 'nothing is being written'; break; }
    sleep 0.05
done
kill -HUP $!
wait $!
echo "exit $?"
exec 3>&-
ls -A
