# SPDX-License-Identifier: BSD-3-Clause
# defaults of options from ndrscan.yaml: the system's, then the user's own, then the command line
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root, whose settings these are' >&2; exit 77; }
mkdir -p system/etc/ndrscan config/ndrscan M/cur M/new M/tmp && chmod 755 system system/etc system/etc/ndrscan
cp "$DATA/bounce.eml" M/cur/1
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml M"
echo '-- nothing'
"$NDRSCAN" config
$S | cut -c1-40
echo '-- all, and one verb'
cat >system/etc/ndrscan/ndrscan.yaml <<'END'
# of this host
all:
  quiet: true
  threads: 1
scan:
  output: paths
  no-windows: true
block: {for: 4h}
END
"$NDRSCAN" config
$S
$S --output tsv | cut -f1-3
echo '-- the command line excludes what it says otherwise'
"$NDRSCAN" block example.com --from 2008-01-01 --until 9998-01-01 | sed 1d
$S --windows config/ndrscan/windows.d --emit junk
echo '-- the user goes before the host'
cat >config/ndrscan/ndrscan.yaml <<'END'
scan:
  output: tsv
  emit: all
  no-windows: false
END
$S --emit junk | cut -f1-3
printf 'all:\n  rules:\n    - "'"$DATA"'/rules.yaml"\n    - more.yaml\n  no-shipped-rules: true\n' >config/ndrscan/ndrscan.yaml
echo 'rules: [{id: own.rule, kind: failed, all: [{in: subject, match: own}]}]' >more.yaml
"$NDRSCAN" rules list --output tsv | cut -f1 | tail -n 1
"$NDRSCAN" config check
echo '-- mistakes'
try() { printf "$1" >config/ndrscan/ndrscan.yaml; "$NDRSCAN" config check; echo "exit $?"; $S 2>&1 | tail -n 1; }
for text in 'scan:\n  outptu: tsv\n' 'scna: {output: tsv}\n' 'scan:\n  output: xml\n' 'all:\n  quiet: yes\n' \
    'scan: [a]\n' 'a\n' 'scan:\n\t- x\n' 'scan:\n  rules: [[a]]\n' 'scan: {output: tsv, output: tsv}\n' 'scan:\n  threads: many\n'; do
    try "$text" 2>&1
done
"$NDRSCAN" filter <"$DATA/bounce.eml" >/dev/null; echo "filter: $?"
: >config/ndrscan/ndrscan.yaml
"$NDRSCAN" config check
echo '-- who else may write'
chmod g+w system/etc/ndrscan/ndrscan.yaml
"$NDRSCAN" config check; echo "exit $?"
$S; echo "exit $?"
chmod g-w system/etc/ndrscan/ndrscan.yaml
echo 'scan: {output: xml}' >other.yaml
"$NDRSCAN" config check other.yaml; echo "exit $?"
"$NDRSCAN" config chekc; echo "exit $?"
exit 0
