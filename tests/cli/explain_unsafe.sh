# mail cannot drive the terminal: escapes in header, text and returned message are shown
cp "$DATA/rules.yaml" .
sed "s/^Subject: .*/&$(printf '\033]0;title\007')/; s/^Final-Recipient: .*/&$(printf '\033[31m')/" "$DATA/bounce.eml" >unsafe.eml
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml - <unsafe.eml >out
if LC_ALL=C grep -q "$(printf '\033')" out; then echo "an escape came through"; fi
grep -c x1B out
awk 'length > 80' out
