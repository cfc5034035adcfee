# SPDX-License-Identifier: BSD-3-Clause
# an identity that goes bad, or away, while a stream goes on stays as it was
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo in
mkdir -p config/ndrscan
identity=config/ndrscan/identity.yaml
$F --format mbox --windows "$DATA/windows.yaml" <in >out 2>err &
exec 3>in
from='From x Wed May 14 11:02:07 2008'
put() { { echo "$from"; cat "$DATA/bounce.eml"; echo; } >&3; }
# a message goes on when the next begins
seen() {
    for i in $(seq 100); do # ends early, and is only this long on a busy machine
        [ "$(grep -c '^X-NDR-Flag' out)" = "$1" ] && break
        sleep 0.1
    done
}
put; put; seen 1
printf 'identities:\n  - domain: example.net\n' >$identity
sleep 1.2
put; seen 2
echo 'identities: 7' >$identity
sleep 1.2
put; seen 3
rm $identity
sleep 1.2
put; seen 4
: >$identity
sleep 1.2
put; seen 5
exec 3>&-
wait $!
echo "exit $?"
grep -c '^X-NDR-Flag' out
cat err >&2
