# SPDX-License-Identifier: BSD-3-Clause
# mail cannot drive the terminal: escapes in header, text, returned message and name are shown
cp "$DATA/rules.yaml" .
esc=$(printf '\033')
c1=$(printf '\302\233')      # CSI as one character
turn=$(printf '\342\200\256') # from right to left from here on
sed "s/^Subject: .*/&${esc}]0;${c1}2J${turn}/; s/^Final-Recipient: .*/&${esc}[31m${c1}31m/" \
    "$DATA/bounce.eml" >"un${esc}[31msafe.eml"
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml un*safe.eml >out
for bad in "$esc" "$c1" "$turn"; do
    if LC_ALL=C grep -q "$bad" out; then echo "one came through"; fi
done
head -1 out
grep subject out
awk 'length > 80' out
