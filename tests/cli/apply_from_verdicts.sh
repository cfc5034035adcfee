# SPDX-License-Identifier: BSD-3-Clause
# a kept scan is acted on when each message is still the one it told of
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
for i in 1 2 3 4; do cp "$DATA/bounce.eml" M/cur/$i.a:2,S; done
"$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" -q M >kept.jsonl
rm M/cur/2.a:2,S
echo more >>M/cur/3.a:2,S
mv M/cur/4.a:2,S M/cur/4.a:2,RS
apply --from-verdicts kept.jsonl --output table M
echo $?
tree
head -c 300 kept.jsonl >torn.jsonl
apply --from-verdicts torn.jsonl M
echo $?
echo '{"source": 7}' >other.jsonl
apply --from-verdicts other.jsonl M
echo $?
apply --from-verdicts missing.jsonl M
echo $?
apply --from-verdicts /dev/null M
echo $?
