# SPDX-License-Identifier: BSD-3-Clause
# a filter that is ended while it waits for the rest of a message put nothing out
F="$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo in
for how in TERM INT HUP,TERM; do
    sh -c 'exec "$0" "$@" <in >out' $F &
    exec 3>in
    head -c 900 "$DATA/bounce.eml" >&3
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        [ -e out ] && grep -q 1 /proc/$!/fdinfo/0 && break
        sleep 0.05
    done
    sleep 0.3
    case $how in HUP*) kill -HUP $!; sleep 0.2 ;; esac
    kill -${how#*,} $!
    wait $!
    echo "$how: exit $?, $(wc -c <out) bytes"
    exec 3>&-
    rm out
done
