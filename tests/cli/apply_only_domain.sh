# SPDX-License-Identifier: BSD-3-Clause
# --only-domain: one domain's mail by path and header, one domain's part of a run put back
bounce() { # TO FILE
    sed "s/alice@example\.com/$1/; s/<alice@example\.com>/<$1>/" "$DATA/bounce.eml" >"$2"
}
maildir() { mkdir -p "$1/cur" "$1/new" "$1/tmp"; }
for m in a.example/al b.example/bo x.a.example/xe; do maildir "V/$m"; done
bounce al@a.example V/a.example/al/cur/1.a:2,S
bounce al@b.example V/a.example/al/cur/2.forged:2,S
cp "$DATA/letter.eml" V/a.example/al/cur/3.a:2,S
bounce bo@b.example V/b.example/bo/cur/1.b:2,S
bounce bo@a.example V/b.example/bo/cur/2.forged:2,S
bounce xe@x.a.example V/x.a.example/xe/cur/1.x:2,S
cat >w.yaml <<W
windows:
  - {domain: a.example, from: 2008-05-13T08:00:00Z, subdomains: true}
  - {domain: b.example, from: 2008-05-13T08:00:00Z}
W
top=$PWD/V
path="--recipient-path $top/{domain}/{user}/"
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" --windows w.yaml -r "$@"; }
moved() { find V -path '*Junk*' -type f ! -name maildirfolder | LC_ALL=C sort; }
counts() { sed -n 's/  */ /g; /^run /d; /to put it back/d; /./p'; }
id() { "$NDRSCAN" runs | sed -n "$1s/ .*//p"; }

echo "# what a.example would see: nothing of b's Maildir, nothing of what is forged in its own"
apply $path --only-domain a.example --dry-run --output jsonl "$top" 2>seen | jq -r '.from + " " + .domain'
counts <seen
echo "# by headers alone, a forged one counts"
apply --only-domain a.example --dry-run --output jsonl "$top" 2>/dev/null | jq -r '.maildir[-9:] + " " + .from'
echo "# with what is below"
apply $path --only-domain '*.a.example' --dry-run --output jsonl "$top" 2>/dev/null | jq -r .from
echo "# no mail of theirs"
apply $path --only-domain c.example --dry-run "$top" 2>&1 | counts

echo "# it moves"
apply $path --only-domain a.example "$top" 2>&1 | counts
moved
echo "# the operator moves the rest, by the path; the journal tells whose header said else"
apply $path "$top" 2>&1 | counts
moved
cut -d' ' -f2,8- "$XDG_STATE_HOME"/ndrscan/journal/*-2.run | sed -n 's/^out [^ ]* //p' | LC_ALL=C sort
run=$(id 3)
echo "# b.example sees its part of both runs"
"$NDRSCAN" runs --output jsonl --only-domain b.example $path |
    jq -c '[.verb, .junked, (.maildirs | map(sub(".*/V/"; "")))]'
echo "# and a run without a part of his is not there"
"$NDRSCAN" undo --only-domain b.example $path "$(id 2)" 2>&1 | sed "s/$(id 2)/RUN/"
echo "# he puts his part back, twice"
"$NDRSCAN" undo --only-domain b.example $path "$run" 2>&1 | counts
"$NDRSCAN" undo --only-domain b.example $path "$run" 2>&1 | counts
moved
"$NDRSCAN" runs --output jsonl | jq -c '[.verb, .part, .ended, .junked, .put_back]'
echo "# x.a.example puts back his; what nobody agrees about is the operator's"
"$NDRSCAN" undo --only-domain x.a.example $path "$run" 2>&1 | counts
moved
"$NDRSCAN" undo 2>&1 | counts
moved
echo "# then the run before it is the last"
"$NDRSCAN" undo 2>&1 | counts
moved
"$NDRSCAN" undo
echo "# mistakes"
apply --only-domain 'a b' "$top"
apply --only-domain a.example --stats default "$top"
"$NDRSCAN" runs --only-domain a.example --prune 90d
"$NDRSCAN" undo --recipient-path /var/vmail/ x
exit 0
