# SPDX-License-Identifier: BSD-3-Clause
cp "$DATA/letter.eml" "$DATA/rules.yaml" .
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml letter.eml
