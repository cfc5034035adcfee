# SPDX-License-Identifier: BSD-3-Clause
# a file name cannot drive the terminal
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S -q "$(printf 'no\033[2Jwhere')"
