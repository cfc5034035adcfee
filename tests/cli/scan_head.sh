# SPDX-License-Identifier: BSD-3-Clause
# a reader that has seen enough ends the run quietly
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
i=0
while [ $i -lt 3000 ]; do cat "$DATA/mixed.mbox"; i=$((i + 1)); done >many.mbox
{ $S --emit all --output tsv many.mbox; echo "exit $?" >&2; } | head -1 >line
wc -l <line
