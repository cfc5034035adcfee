# SPDX-License-Identifier: BSD-3-Clause
# one message of an mbox; then one that is not there
cp "$DATA/mixed.mbox" "$DATA/rules.yaml" .
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml -n 3 mixed.mbox
"$NDRSCAN" explain --no-shipped-rules --rules rules.yaml -n 4 mixed.mbox
