# SPDX-License-Identifier: BSD-3-Clause
# apply judges weak proofs when it has counted all mail: what would stay is junk once the crowd is seen.
. "$CASES/captured_mail.inc"
bounce() { # FOLDER, to whom the copy went
    mkdir -p $1/cur $1/new $1/tmp
    returned $2 >$1/new/1528714800.$2.mx
}
apply() { echo "-- $*"; $NDRSCAN apply --windows w.yaml --sent sent "$@" A B 2>&1 | grep -v '^to put it back'; }
where() { echo "A $(ls A/new | wc -l), Junk $(ls A/.Junk/cur A/.Junk/new 2>/dev/null | grep -c mx), B $(ls B/new | wc -l), Junk $(ls B/.Junk/cur B/.Junk/new 2>/dev/null | grep -c mx)"; }
n=0
while [ $n -lt 10 ]; do
    n=$((n + 1))
    bounce A a$n
    bounce B b$n
done
echo "20 are believed"
apply --threads 1
where
bounce B friend # the one it was sent to: a strong proof
bounce B b11    # and one too many
echo "21 are none, but for the strong one; the first Maildir is looked through before the last of them is seen"
apply --dry-run --output jsonl | sed -n 's/.*"action":"\([a-z]*\)".*"source":"\([A-Z]\).*/\1 \2/p' | sort | uniq -c
where
apply
where
$NDRSCAN runs --output jsonl | grep -o '"maildirs":.*' | sed "s#$PWD/##g"
echo "and stay none"
apply
where
echo "what lies in Junk comes back by what all of it says"
rm -r state A B
n=0
while [ $n -lt 11 ]; do
    n=$((n + 1))
    bounce A a$n
    bounce B b$n
done
window ', take: all'
apply
window ''
apply
where
rm B/.Junk/*/*b11.mx* B/.Junk/*/*b10.mx* state/ndrscan/proofs.counts
apply
where
echo "scan counts for later runs where it is asked to, and explain knows"
rm -r state
explain() { $NDRSCAN explain --sent sent --windows w.yaml A/new/*.a1.mx | grep 'whose mail came back: sent:'; }
scan() { $NDRSCAN scan -q --threads 1 --sent sent --windows w.yaml "$@" A/new B/new | grep -o '"whose":"[a-z]*"' | sort | uniq -c; }
bounce B b10
bounce B b11
scan
ls state/ndrscan 2>/dev/null
explain
scan --count-proofs
scan
explain
printf 'windows: []\n' >w.yaml
scan
scan --evidence all
