# SPDX-License-Identifier: BSD-3-Clause
# rules that are no YAML: nothing is scanned
printf 'rules:\n  - id: x.y\n    kind: [failed\n' >bad.yaml
"$NDRSCAN" scan --rules bad.yaml "$DATA/bounce.eml"
