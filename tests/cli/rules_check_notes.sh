# SPDX-License-Identifier: BSD-3-Clause
# what is said in vain or twice is told; none of it is an error
mkdir rules
cat >rules/a.yaml <<'YAML'
signals:
  from-gateway: {in: from, match: 'gateway@'}
  never: {in: to, present: true}
  gave-up:
    in: text
    match:
      - 'given up'
      - 'no further tries'
rules:
  - id: gateway.failed
    kind: failed
    all: [from-gateway, gave-up]
    examples:
      hit: ["From: gateway@example.net\n\nWe have given up.\n"]
      miss: ["From: gateway@example.net\n\nHello.\n"]
YAML
cat >rules/b.yaml <<'YAML'
signals:
  from-gateway: {in: from, match: '(gateway|relay)@'}
candidates:
  - from-gateway
rules:
  - id: gateway.other
    kind: failed
    all:
      - {in: from, match: 'gateway@'}
      - {in: text, match: 'given up|no further tries'}
    examples:
      hit: ["From: gateway@example.net\n\nWe have given up.\n"]
      miss: ["From: relay@example.net\n\nWe have given up.\n"]
YAML
"$NDRSCAN" rules check --no-shipped-rules --rules rules
