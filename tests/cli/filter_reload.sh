# SPDX-License-Identifier: BSD-3-Clause
# windows that change while a stream goes on count from the next message on; bad ones do not
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo in
echo 'windows: []' >w.yaml
$F --format mbox --windows w.yaml <in >out 2>err &
exec 3>in
from='From x Wed May 14 11:02:07 2008'
put() { { echo "$from"; cat "$DATA/bounce.eml"; echo; } >&3; }
# a message goes on when the next begins
seen() {
    for i in $(seq 100); do # ends early, and is only this long on a busy machine
        [ "$(grep -c '^X-NDR-Flag' out)" = "$1" ] && break
        sleep 0.1
    done
    grep -c '^X-NDR-Flag: YES' out
}
put; put; seen 1
cp "$DATA/windows.yaml" new.yaml; mv new.yaml w.yaml
sleep 1.2
put; seen 2
echo 'windows: 7' >w.yaml
sleep 1.2
put; seen 3
cp "$DATA/windows.yaml" new.yaml; touch -d 2001-01-01 new.yaml; mv new.yaml w.yaml
kill -HUP $!
put; seen 4
exec 3>&-
wait $!
echo "exit $?"
grep -c '^X-NDR-Flag' out
cat err >&2
