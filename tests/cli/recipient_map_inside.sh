# SPDX-License-Identifier: BSD-3-Clause
# a Maildir with a line for another domain in it is of several: what goes to Junk stays there, and can come back
bounce() { # TO FILE
    sed "s/alice@example\.com/$1/; s/<alice@example\.com>/<$1>/" "$DATA/bounce.eml" >"$2"
}
top=$PWD/H
fresh() { # JUNK FOLDER...
    rm -rf H state
    for m in "" "/$1" "/$2"; do mkdir -p "H/al/Maildir$m/cur" "H/al/Maildir$m/new" "H/al/Maildir$m/tmp"; done
    bounce al@a.example H/al/Maildir/cur/1.root:2,S
    bounce x@b.example "H/al/Maildir/$2/cur/2.shared:2,S"
    bounce al@a.example "H/al/Maildir/$2/cur/3.forged:2,S"
}
window() { for d in "$@"; do printf -- '- {domain: %s.example, from: 2008-05-13T08:00:00Z}\n' "$d"; done | sed '1s/^/windows:\n/' >w.yaml; }
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" --windows w.yaml --recipient-map map "$@" "$top/al/Maildir" 2>&1 | sed -n "s|$top|H|g; s/  */ /g; /not examined/d; /messages/d; /bounces/d; /^run /d; /to put it back/d; /./p"; }
moved() { find H -path '*Junk*' -type f ! -name maildirfolder | LC_ALL=C sort; }
printf '%s/al a.example\n%s/al/Maildir/.shared b.example\n' "$top" "$top" >map
echo "# a window of b.example alone: the second run finds nothing to do"
fresh .Junk .shared
window b
apply && moved
apply && moved
echo "# one of a.example, too; without that of b.example its mail comes back"
window a b
apply && moved
window a
apply && moved
apply && moved
echo "# what scan said by the path of a message is not moved against that, as watch does with new mail"
fresh .Junk .shared
window b
"$NDRSCAN" scan -q -r --emit junk --no-shipped-rules --rules "$DATA/rules.yaml" --windows w.yaml --recipient-map map "$top/al/Maildir" >verdicts
jq -r '.source | sub(".*/"; "")' verdicts | LC_ALL=C sort
apply --from-verdicts verdicts && moved
echo "# who sees a domain alone sees nothing of it, nor a word of the other"
window a b
for d in a.example b.example '*.example'; do apply --only-domain "$d" --dry-run; done
echo "# a map that came to be so takes a run from both"
printf '%s/al a.example\n' "$top" >before
fresh .Junk .shared
"$NDRSCAN" apply -q --no-shipped-rules --rules "$DATA/rules.yaml" --windows w.yaml --recipient-map before "$top/al/Maildir" && moved
for map in map before; do "$NDRSCAN" runs --only-domain a.example --recipient-map $map --output jsonl | jq -c '[.verb, .junked]'; done
echo "# layout=fs"
fresh Junk shared
printf '%s/al a.example\n%s/al/Maildir/shared b.example\n' "$top" "$top" >map
window b
apply && moved
apply && moved
echo "# lines in it of the same domain, beside it, and of a folder that is none of its"
fresh .Junk .shared
printf '%s/al a.example\n%s/al/Maildir/.shared A.example\n%s/al/Maildir2 b.example\n%s/al/Maildir/shared b.example\n' "$top" "$top" "$top" "$top" >map
window a
apply && moved
echo "# the Maildir with no line, and a line for a message in it"
fresh .Junk .shared
printf '%s/al/Maildir/cur/1.root:2,S b.example\n' "$top" >map
window b
apply && moved
apply && moved
