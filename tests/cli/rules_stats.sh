# SPDX-License-Identifier: BSD-3-Clause
# how often each rule fires; the same for any number of threads; trouble is an exit status of 1
R="--no-shipped-rules --rules $DATA/rules.yaml --rules twin.yaml"
cat >twin.yaml <<'END'
rules:
  - id: test.twin
    kind: failed
    rank: 1
    all:
      - {in: subject, match: 'undelivered'}
      - {in: part, match: '^message/delivery-status$'}
END
mkdir mail
for i in 1 2 3; do cp "$DATA/bounce.eml" mail/$i.eml; done
cp "$DATA/suspect.eml" "$DATA/letter.eml" mail
"$NDRSCAN" rules stats $R mail
"$NDRSCAN" rules stats $R mail --output tsv
"$NDRSCAN" rules stats $R mail --output jsonl >a
"$NDRSCAN" rules stats $R mail --output jsonl -j 1 >b
cmp a b && cat a
"$NDRSCAN" rules stats $R nowhere
echo $?
"$NDRSCAN" rules stats
