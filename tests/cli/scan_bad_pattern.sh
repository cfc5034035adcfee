# SPDX-License-Identifier: BSD-3-Clause
# a pattern that Hyperscan refuses: rule and signal are named, nothing is scanned
cat >bad.yaml <<'YAML'
rules:
  - id: x.y
    kind: failed
    all:
      - {in: subject, match: 'a(?=b)'}
YAML
"$NDRSCAN" scan --rules bad.yaml "$DATA/bounce.eml"
