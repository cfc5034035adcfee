"$NDRSCAN" rules check --no-shipped-rules --rules "$DATA/rules.yaml"
