# SPDX-License-Identifier: BSD-3-Clause
# what undo put back stays, until a window that covers it is made or widened
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --windows w.yaml "$@" M; }
count() { echo "$1: inbox $(find M/cur M/new M/.Old -type f ! -name maildirfolder | wc -l), Junk $(find M/.Junk -type f ! -name maildirfolder | wc -l)"; }
window() { printf '  - domain: %s\n    from: %s\n    until: %s\n' "$1" "$2" "$3"; }
windows() { { echo windows:; cat; } >w.yaml; }
mkdir -p M/cur M/new M/tmp M/.Old/cur M/.Old/new M/.Old/tmp
for i in 1 2 3; do cp "$DATA/bounce.eml" M/cur/$i.a:2,S; done
window example.com 2008-05-13T00:00:00Z 2008-05-16T00:00:00Z | windows
apply; count applied
"$NDRSCAN" undo
apply; count 'applied again'
mv M/cur/1.a:2,S M/.Old/cur/1.a:2,FS
apply; count 'moved and flagged by its user'
cp "$DATA/bounce.eml" M/new/4.a
apply; count 'a new one'
apply --dry-run --output jsonl | sed 's/undo [^,]*,/undo ID,/' | grep -c '"action":"keep".*put back by undo ID, and no window'
"$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --windows w.yaml --emit junk --quiet --output jsonl M >kept.jsonl 2>/dev/null
"$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q --no-windows --from-verdicts kept.jsonl M; count 'by a kept scan'
window example.com 2008-05-13T00:00:00Z 2008-05-15T00:00:00Z | windows
apply; count 'the window is narrowed'
window example.com 2008-05-13T00:00:00Z 2008-05-17T00:00:00Z | windows
apply; count 'the window is widened'
"$NDRSCAN" undo -q
apply; count 'undone, applied'
{ window example.com 2008-05-13T00:00:00Z 2008-05-17T00:00:00Z; window example.com 2008-05-13T06:00:00Z 2008-05-16T00:00:00Z; } | windows
apply 2>/dev/null; count 'a new window beside it'
"$NDRSCAN" undo -q
{ window example.com 2008-05-13T00:00:00Z 2008-05-17T00:00:00Z; window other.example 2008-05-13T00:00:00Z 2008-05-17T00:00:00Z; } | windows
apply; count 'the new one is withdrawn, another domain comes'
apply --again; count again
window example.com 2008-05-12T00:00:00Z 2008-05-20T00:00:00Z | windows
"$NDRSCAN" undo -q --windows w.yaml
apply; count 'the window had been changed before it was undone'
