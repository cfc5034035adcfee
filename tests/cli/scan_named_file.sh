# SPDX-License-Identifier: BSD-3-Clause
# a Maildir's file that is named came when its name says, as one that was found; not when it was written
mkdir -p box/cur other
sed "/^Received:/,/^[^ \t]/{/^Received:/d;/^[ \t]/d}" "$DATA/bounce.eml" >box/cur/1210671062.M1P1.host:2,S
cp box/cur/* other/
touch -d 2012-01-01T00:00:00Z box/cur/* other/*
for source in box box/cur box/cur/*; do
    "$NDRSCAN" scan -q --no-windows "$source" | grep -o '"arrived[^,]*,"arrived_origin[^,]*'
done
(cd box && "$NDRSCAN" scan -q --no-windows cur/* | grep -o '"arrived[^,]*,"arrived_origin[^,]*')
"$NDRSCAN" scan -q --no-windows other | grep -o '"arrived[^,]*,"arrived_origin[^,]*'
