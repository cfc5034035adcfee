# SPDX-License-Identifier: BSD-3-Clause
# scan believes what came first, and says so; read before it judges, all copies of one captured mail are the same to it
. "$CASES/captured_mail.inc"
mkdir -p M/cur M/new M/tmp
bounce() { returned $2 $1 >M/new/1528714800.$1.mx; } # FILE, to whom the copy went
scan() { echo "-- $*"; $NDRSCAN scan -q --sent sent "$@" M >out; echo "$?: $(grep -c '"whose":"ours"' out) ours, $(grep -c '"verdict":"junk"' out) junk"; }
bounce friend friend
n=0
while [ $n -lt 20 ]; do
    n=$((n + 1))
    bounce s$n s$n
done
bounce s20again s20
echo "20 are believed"
scan --windows w.yaml --threads 1 2>&1
scan --windows w.yaml --count-first 2>&1
bounce s21 s21
echo "21 are not, which the first is not to know"
scan --windows w.yaml --threads 1 2>&1
for threads in 1 8; do scan --windows w.yaml --count-first --threads $threads 2>&1; done
scan --windows w.yaml --count-first --output summary 2>&1
grep -E '^  ours|^  unknown|^kept' out
ls -r M/new/* | $NDRSCAN scan -q --sent sent --windows w.yaml --count-first --files-from /dev/stdin 2>&1
ls -r M/new/* >list
$NDRSCAN scan -q --sent sent --windows w.yaml --count-first --files-from list | grep -o '"whose":"[a-z]*"' | sort | uniq -c
$NDRSCAN scan -q --sent sent --windows w.yaml --count-first M/new/nothere 2>&1
echo "nothing is asked without a window, and standard input has no second time"
scan --no-windows --count-first 2>&1
$NDRSCAN scan --count-first - </dev/null 2>&1
$NDRSCAN scan --count-first --out-dir pieces M 2>&1
echo $?
