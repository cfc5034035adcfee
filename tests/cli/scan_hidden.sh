# SPDX-License-Identifier: BSD-3-Clause
# what is in mail and in names does nothing to a terminal, in any output
S="$NDRSCAN scan -q --no-shipped-rules --rules $DATA/rules.yaml"
csi=$(printf '\302\233'); rlo=$(printf '\342\200\256'); tag=$(printf '\363\240\201\201'); del=$(printf '\177')
sed "s/alice@example.com/a${csi}31m${rlo}${tag}${del}b@example.com/g" "$DATA/bounce.eml" >"m$csi$rlo.eml"
for how in jsonl tsv; do
    $S --output $how m*.eml >out
    echo "$how: $(grep -c "$csi\|$rlo\|$tag\|$del" out) lines with them raw, $(grep -c '202e\|\\xE2\\x80\\xAE' out) without"
done
$S --output jsonl m*.eml | python3 -c 'import json, sys
print(json.load(sys.stdin)["source"] == sys.argv[1])' m*.eml
# other tools get the path as it is; a terminal does not
[ "$($S --output paths m*.eml)" = "$(echo m*.eml)" ] && echo as it is
$NDRSCAN explain --no-shipped-rules --rules "$DATA/rules.yaml" m*.eml >out
grep -c "$csi\|$rlo\|$tag\|$del" out
script -qec "$S --output paths m*.eml" /dev/null </dev/null | tr -d '\r'
