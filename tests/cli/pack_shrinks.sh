# SPDX-License-Identifier: BSD-3-Clause
# a file that becomes shorter while it is read is told of by whoever reads it in order
mkfifo pipe
head -c 12000000 /dev/urandom | base64 | awk 'NR % 60 == 1 {
    print "\nFrom a@example.org Thu Jan  1 00:00:00 2015\nSubject: hello\n"
} { print }' | tail -n +2 >whole
left=15000000
cut() { # COMMAND...: reads box and stops at a full pipe; then the box loses its end
    "$@" >pipe 2>err &
    pid=$!
    exec 3<pipe
    sleep 1
    truncate -s $left box*
    cat <&3 >out
    exec 3<&-
    wait $pid
    echo "exit $?"
    sed 's/[0-9][0-9]* of [0-9]*/N of M/' err
}
cp whole box; cut $NDRSCAN pack --threads 1 --frame-size 64k box
cp whole box; cut sh -c "$NDRSCAN pack --threads 1 --frame-size 64k - <box"
cp whole box; gzip -1 box; left=10000000; cut $NDRSCAN pack --threads 1 --frame-size 64k box.gz
rm box.gz; left=15000000; cp whole box
cut sh -c "$NDRSCAN filter --no-shipped-rules --rules $DATA/rules.yaml --format mbox --max-message 64k <box"
