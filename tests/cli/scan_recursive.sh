# SPDX-License-Identifier: BSD-3-Clause
# a tree of Maildirs; the recipient is taken from the path
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir -p vmail/example.com/alice/new vmail/example.com/alice/cur vmail/example.net/dave/cur vmail/example.net/dave/new
cp "$DATA/bounce.eml" vmail/example.com/alice/new/1
cp "$DATA/bounce.eml" vmail/example.net/dave/cur/2:2,
$S -q -r --recipient-path 'vmail/{domain}/{user}/' vmail |
    /usr/bin/python3 -c 'import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(r["source"], r["recipient"])' 
