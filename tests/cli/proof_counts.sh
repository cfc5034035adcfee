# SPDX-License-Identifier: BSD-3-Clause
# A captured message sent to a crowd: a weak proof is believed for 20 of them, by all the
# filters together that are started for one message each.
. "$CASES/captured_mail.inc"
filter() {
    returned "$1" | $NDRSCAN filter --windows w.yaml --sent sent 2>>told | sed -n 's/^X-NDR-\(Flag\|Evidence\): //p' | tr '\n' ' '
}
n=0
while [ $n -lt 22 ]; do
    n=$((n + 1))
    echo "$n: $(filter u$n)"
done
echo "the first again: $(filter u1)"
ls -A state/ndrscan
stat -c %a state/ndrscan/proofs.counts
# full counts believe what they do not know, say so, and are free again
cp state/ndrscan/proofs.counts kept
{
    echo 'ndr-weak-limit 1 full 1528711200'
    sed 1d kept
} >state/ndrscan/proofs.counts
sed 's/4ABCD12345/4ABCD12346/; s/captured@/fresh@/' mail.log >fresh.log
$NDRSCAN sent add --set sent fresh.log 2>/dev/null || exit 1
echo "full, one that is over: $(filter u1)"
head -1 state/ndrscan/proofs.counts
{
    echo 'ndr-weak-limit 1 full 1528711200'
    sed 1d kept
} >state/ndrscan/proofs.counts
message=fresh
echo "full, one that is new: $(filter u1)"
head -1 state/ndrscan/proofs.counts
message=captured
# nothing is lost where they cannot be kept
echo torn >state/ndrscan/proofs.counts
filter u1
echo
rm state/ndrscan/proofs.counts
mkdir state/ndrscan/proofs.counts
filter u1
echo
grep -o "'.*" told
