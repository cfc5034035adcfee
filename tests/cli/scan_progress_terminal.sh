# SPDX-License-Identifier: BSD-3-Clause
# on a terminal there is a live line, and it is gone in the end
/usr/bin/python3 "$CASES/terminal.py" 80 "$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --output paths0 -j 1 - <"$DATA/mixed.mbox"
