# SPDX-License-Identifier: BSD-3-Clause
"$NDRSCAN" rules check --no-shipped-rules --rules "$DATA/rules.yaml"
