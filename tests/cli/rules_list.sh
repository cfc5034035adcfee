# SPDX-License-Identifier: BSD-3-Clause
cp "$DATA/rules.yaml" .
"$NDRSCAN" rules list --no-shipped-rules --rules rules.yaml
"$NDRSCAN" rules list --no-shipped-rules --rules rules.yaml --output tsv
"$NDRSCAN" rules list --no-shipped-rules --rules rules.yaml --output jsonl
