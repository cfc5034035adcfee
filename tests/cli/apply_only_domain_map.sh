# SPDX-License-Identifier: BSD-3-Clause
# --only-domain by a map of mailboxes: as by a template, where paths have no domain
bounce() { # TO FILE
    sed "s/alice@example\.com/$1/; s/<alice@example\.com>/<$1>/" "$DATA/bounce.eml" >"$2"
}
for m in al bo two no mix; do mkdir -p "H/$m/Maildir/cur" "H/$m/Maildir/new" "H/$m/Maildir/tmp"; done
for m in al mix; do mkdir -p "H/$m/Maildir/.shared/cur" "H/$m/Maildir/.shared/new" "H/$m/Maildir/.shared/tmp"; done
bounce al@a.example H/al/Maildir/cur/1.a:2,S
bounce al@b.example H/al/Maildir/cur/2.forged:2,S
bounce x@b.example H/al/Maildir/.shared/cur/3.shared:2,S
bounce mix@a.example H/mix/Maildir/cur/1.mix:2,S
bounce x@b.example H/mix/Maildir/.shared/cur/2.mix:2,S
bounce bo@b.example H/bo/Maildir/cur/1.b:2,S
bounce bo@a.example H/bo/Maildir/cur/2.forged:2,S
bounce two@a.example H/two/Maildir/cur/1.two:2,S
bounce no@a.example H/no/Maildir/cur/1.no:2,S
printf 'windows:\n  - {domain: a.example, from: 2008-05-13T08:00:00Z}\n  - {domain: b.example, from: 2008-05-13T08:00:00Z}\n' >w.yaml
top=$PWD/H
cat >map <<M
$top/al a.example
$top/mix a.example
$top/mix/Maildir/.shared b.example
$top/bo b.example
$top/two a.example b.example
M
path="--recipient-map map" windows=$PWD/w.yaml
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$windows" -r "$@"; }
moved() { find H -path '*Junk*' -type f ! -name maildirfolder | LC_ALL=C sort; }
counts() { sed -n 's/  */ /g; /^run /d; /to put it back/d; /^what was put/d; /^(ndrscan/d; /./p'; }
id() { "$NDRSCAN" runs | sed -n "$1s/ .*//p"; }
echo "# what each would see: no mailbox of another, of several, of nobody; nothing forged"
for d in a.example b.example c.example '*.example'; do
    echo "$d"
    apply $path --only-domain "$d" --dry-run --output jsonl "$top" 2>seen | jq -r '" " + .from + " " + .domain'
    grep examined seen | counts
done
echo "# from within it"
(cd H/al && apply --recipient-map ../../map --only-domain a.example --dry-run --output jsonl . .. 2>/dev/null | jq -r '.from + " " + .domain')
echo "# it moves; the operator moves the rest"
apply $path --only-domain a.example "$top" 2>&1 | counts
moved
apply $path "$top" 2>&1 | counts
moved
run=$(id 3)
echo "# b.example has its part of the second run"
"$NDRSCAN" runs --output jsonl --only-domain b.example $path | jq -c '[.verb, .junked, (.maildirs | map(sub(".*/H/"; "")))]'
"$NDRSCAN" undo --only-domain b.example $path "$(id 2)" 2>&1 | sed "s/$(id 2)/RUN/"
echo "# a mailbox that went to another domain takes its part of a run with it to nobody"
sed 's|/bo b.example|/bo c.example|' map >other
"$NDRSCAN" runs --only-domain b.example --only-domain c.example --recipient-map other
"$NDRSCAN" undo --only-domain b.example $path "$run" 2>&1 | counts
moved
