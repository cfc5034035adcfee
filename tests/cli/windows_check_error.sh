# SPDX-License-Identifier: BSD-3-Clause
printf 'windows:\n  - domain: example.com\n    from: 2008-05-13T08:00:00\n' >bad.yaml
"$NDRSCAN" windows check bad.yaml
