# SPDX-License-Identifier: BSD-3-Clause
# a named pipe among the sources does not hang the run, whether or not it is read
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkfifo pipe
cp "$DATA/bounce.eml" .
timeout 20 $S -q --output paths pipe bounce.eml
