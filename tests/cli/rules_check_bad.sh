# SPDX-License-Identifier: BSD-3-Clause
# an example on the wrong side is named, exit 1
sed 's/^    kind: failed/&\n    none: [{in: subject, match: mail}]/' "$DATA/rules.yaml" >rules.yaml
"$NDRSCAN" rules check --no-shipped-rules --rules rules.yaml
