# SPDX-License-Identifier: BSD-3-Clause
# a window that ends before it begins: nothing is scanned
cat >bad.yaml <<'YAML'
windows:
  - domain: example.com
    from: 2008-05-15T08:00:00Z
    until: 2008-05-13T08:00:00Z
YAML
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S --windows bad.yaml "$DATA/bounce.eml"
