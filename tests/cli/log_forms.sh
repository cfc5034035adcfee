# SPDX-License-Identifier: BSD-3-Clause
# what stays tells what happens as lines, lines with systemd's level, or objects; so do those that it starts
R="--no-shipped-rules --rules $DATA/rules.yaml"
for form in text journal json; do
    "$NDRSCAN" filter --log $form $R <"$DATA/bounce.eml" 2>&1 >/dev/null | sed 's/"at":"[^"]*"/"at":"NOW"/'
    printf 'w\t"x"' >bad.yaml
    "$NDRSCAN" filter --log $form $R --windows bad.yaml <"$DATA/bounce.eml" 2>&1 >/dev/null | sed 's/"at":"[^"]*"/"at":"NOW"/'
done
NDRSCAN_LOG=json "$NDRSCAN" scan $R nowhere 2>&1 | sed -n 's/"at":"[^"]*"/"at":"NOW"/; 1p'
"$NDRSCAN" filter --log syslog $R <"$DATA/bounce.eml" 2>&1 >/dev/null
"$NDRSCAN" filter --log xml $R <"$DATA/bounce.eml"
echo "exit $?"
