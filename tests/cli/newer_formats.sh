# SPDX-License-Identifier: BSD-3-Clause
# what a newer ndrscan keeps, under this one, as a user meets it: each format says so, names the file, and nothing
# is changed; what was only compiled is passed over, and made anew (lines of journals, segments of what was sent, plans
# and windows that open themselves have checksums: io/journal_line, io/sent_care, pieces, tools/auto_state)
R="--no-shipped-rules --rules $DATA/rules.yaml"
mkdir -p M/cur M/new M/tmp && cp "$DATA/bounce.eml" M/cur/1
mkdir w && printf 'windows:\n  - domain: example.com\n    from: 2008-01-01T00:00:00Z\n' >w/a.yaml
newer() { # FILE NAME COMMAND...: is it refused, and left as it is?
    file=$1 name=$2
    shift 2
    before=$(cksum <"$file")
    "$@" >out 2>&1
    status=$?
    [ "$status" != 0 ] || echo "$name: not refused"
    echo "$name: exit $status: $(grep -E -m1 'newer|unknown key' out | sed 's/knows [0-9]*/knows N/; s/allowed:.*/allowed: .../')"
    [ "$before" = "$(cksum <"$file")" ] || echo "$name: it was changed"
}

# statistics
"$NDRSCAN" scan -q $R --no-windows --stats s.db "$DATA/mixed.mbox" >/dev/null 2>&1
python3 -c 'import sqlite3; d=sqlite3.connect("s.db"); d.execute("PRAGMA user_version=99"); d.commit(); d.close()'
newer s.db statistics "$NDRSCAN" report --stats s.db
newer s.db statistics "$NDRSCAN" scan -q $R --no-windows --stats s.db "$DATA/bounce.eml"
# windows and identities: by their version, and by a key that is not known yet
printf 'version: 2\nnew: yes\nwindows:\n  - domain: example.com\n    from: 2008-01-01T00:00:00Z\n' >w/a.yaml
newer w/a.yaml windows "$NDRSCAN" scan -q $R --windows w M
newer w/a.yaml windows "$NDRSCAN" block --windows-dir w example.net
printf 'version: 2\nidentities:\n  - domain: example.com\n' >identity.yaml
newer identity.yaml identity "$NDRSCAN" scan -q $R --no-windows --identity identity.yaml M
printf 'windows:\n  - domain: example.com\n    from: 2008-01-01T00:00:00Z\n    new: yes\n' >w/a.yaml
newer w/a.yaml windows "$NDRSCAN" scan -q $R --windows w M
printf 'identities:\n  - domain: example.com\n    new: yes\n' >identity.yaml
newer identity.yaml identity "$NDRSCAN" scan -q $R --no-windows --identity identity.yaml M
# compiled rules
export XDG_CACHE_HOME="$PWD/cache"
"$NDRSCAN" scan -q $R --no-windows "$DATA/bounce.eml" >/dev/null
cache=$(ls cache/ndrscan/rules-*)
sed -i '1s/cache 2/cache 9/' "$cache"
used() { "$NDRSCAN" scan -qv $R --no-windows "$DATA/bounce.eml" 2>&1 >/dev/null | grep -c "passed over"; }
used; used
exit 0
