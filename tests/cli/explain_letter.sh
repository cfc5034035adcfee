cp "$DATA/letter.eml" "$DATA/rules.yaml" .
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml letter.eml
