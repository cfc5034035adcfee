# SPDX-License-Identifier: BSD-3-Clause
cp "$DATA/windows.yaml" .
printf 'windows:\n  - domain: example.net\n    from: 2008-05-13T08:00:00Z\n' >open.yaml
"$NDRSCAN" windows check windows.yaml open.yaml
