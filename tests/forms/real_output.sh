#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# real_output.sh NDRSCAN NDRGEN | NDRSCAN FOLDER - what does the command itself write? The
# records of 4,000 generated messages, some of them in a window, or of the real mail in
# FOLDER; for check_schema.py to read.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat >"$work/windows.yaml" <<'YAML'
windows:
  - domain: example.com
    subdomains: true
    from: 1990-01-01T00:00:00Z
    note: "everything \u2028 of <it>"
YAML
if [ -d "$2" ]; then
    "$1" scan -q -r --emit all --format message --windows "$work/windows.yaml" "$2"
else
    "$2" --seed 11 --messages 4000 --bounces 60 --sizes storm --output - |
        "$1" scan -q --emit all --windows "$work/windows.yaml" -
fi
