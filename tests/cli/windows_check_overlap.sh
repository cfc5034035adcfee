# SPDX-License-Identifier: BSD-3-Clause
cp "$DATA/windows.yaml" .
sed 1d windows.yaml | cat windows.yaml - >twice.yaml
"$NDRSCAN" windows check twice.yaml
