# SPDX-License-Identifier: BSD-3-Clause
# stopped while rules are compiled, which here takes long: the status of a stopped run
{
    echo 'rules:'
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
        echo "  - {id: wide$n, kind: failed, all: [{in: subject,"
        echo "     match: '(a.{1,900}b.{1,90$n}c|d.{1,900}e.{1,900}f)'}]}"
    done
} >wide.yaml
for name in TERM INT; do
    env --default-signal=INT "$NDRSCAN" scan --no-cache --no-shipped-rules --rules wide.yaml \
        "$DATA/bounce.eml" &
    pid=$!
    sleep 0.5
    kill -$name $pid
    wait $pid
    echo "SIG$name: $?"
done
