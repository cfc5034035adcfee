# SPDX-License-Identifier: BSD-3-Clause
# a window of a domain's own people counts behind the operator's, and the operator ends both
export TZ=UTC
mkdir windows.d
cat >windows.d/ndrscan.yaml <<W
windows:
  - {domain: example.com, from: 2008-05-13T08:00:00Z, until: 2008-05-15T08:00:00Z, take: forged}
  - domain: example.com
    from: 2008-05-14T08:00:00Z
    delegated: true
W
scan() { "$NDRSCAN" scan -q --no-shipped-rules --rules "$DATA/rules.yaml" "$@" "$DATA/bounce.eml" | jq -c '[.verdict, .reason]'; }
"$NDRSCAN" windows check windows.d/ndrscan.yaml
echo "# what the operator's leaves, the other one takes"
scan --windows windows.d
echo "# a narrower one narrows nothing"
sed -e 's/, take: forged//' -e 's/delegated: true/&\n    take: forged/' windows.d/ndrscan.yaml >narrow.yaml
scan --windows narrow.yaml
echo "# over, the operator's leaves it the other one"
sed -i 's/2008-05-15T08:00:00Z, take/2008-05-13T09:00:00Z, take/' windows.d/ndrscan.yaml
scan --windows windows.d
"$NDRSCAN" windows --windows windows.d 2>&1 | sed 's/ago, open for.*/ago/; s/ended [0-9].* ago/ended/'
"$NDRSCAN" windows --windows windows.d --output jsonl | jq -c '[.state, .delegated]'
"$NDRSCAN" unblock --windows-dir windows.d example.com | sed 's/at .*//'
"$NDRSCAN" windows --windows windows.d --output jsonl | jq -c '[.state, .delegated]'
