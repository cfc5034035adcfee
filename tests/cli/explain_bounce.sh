# SPDX-License-Identifier: BSD-3-Clause
cp "$DATA/bounce.eml" "$DATA/windows.yaml" "$DATA/rules.yaml" .
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml --windows windows.yaml bounce.eml
