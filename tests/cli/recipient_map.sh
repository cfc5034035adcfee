# SPDX-License-Identifier: BSD-3-Clause
# a map of mailboxes to domains: whose a mailbox is, where its path has no domain
bounce() { # TO FILE
    sed "s/alice@example\.com/$1/; s/<alice@example\.com>/<$1>/" "$DATA/bounce.eml" >"$2"
}
for m in anna bert 'two of us' nobody; do mkdir -p "home/$m/Maildir/cur" "home/$m/Maildir/new" "home/$m/Maildir/tmp"; done
mkdir -p spool
bounce anna@a.example home/anna/Maildir/cur/1:2,S
bounce anna@b.example home/anna/Maildir/cur/2.forged:2,S
bounce bert@b.example home/bert/Maildir/new/1
bounce bert@a.example home/bert/Maildir/new/2.forged
bounce two@a.example 'home/two of us/Maildir/new/1'
bounce no@a.example home/nobody/Maildir/new/1
{ echo "From MAILER-DAEMON Tue May 13 08:00:00 2008"; cat home/anna/Maildir/cur/1:2,S; } >spool/u1234
top=$PWD
cat >map <<M
# as SQL wrote it
$top/home/anna a.example
$top/home/bert/	B.Example.
"$top/home/two of us"  a.example b.example

$top/spool/u1234 a.example
M
Q="$NDRSCAN scan -q --no-shipped-rules --rules $DATA/rules.yaml"
S="$Q --recipient-map $top/map"
of() { jq -r '(.source | sub(".*/(?<a>(home|spool)/)"; .a)) + " " + .recipient'; }
echo "# by full paths; where the header says another domain, nobody knows whose in the domain"
$S -r "$top/home" "$top/spool" | of
echo "# relative, with slashes and points, from within, from beside: the same"
for from in "$top/home $top/spool" 'home spool' './/home/. ././spool'; do $S -r $from | jq -r .recipient | cksum; done
(cd home && $Q --recipient-map ../map -r . ../spool | jq -r .recipient | cksum)
(cd spool && $S -r ../home . | jq -r .recipient | cksum)
(cd home/anna && $S -r ../bert Maildir | jq -r '.source + " " + .recipient')
find home -type f -newer /dev/null | LC_ALL=C sort | $S --files-from - | jq -r '.source + " " + .recipient'
echo "# a template, too"
mkdir -p v/a.example/anna
bounce forged@b.example v/a.example/anna/1
T="$Q --recipient-path $top/v/{domain}/{user}/ -r"
for from in "$top/v" "$top/v//" "$top/./v" "/$top/v" v ./v . v//a.example; do $T "$from" | jq -r .recipient; done
(cd v/a.example && for from in . anna ../../v ..; do $T "$from" | jq -r .recipient; done)
echo "# standard input has no path"
$S - <home/anna/Maildir/cur/2.forged:2,S | jq -r .recipient
echo "# explain"
"$NDRSCAN" explain --no-shipped-rules --rules "$DATA/rules.yaml" --recipient-map map home/bert/Maildir/new/2.forged | grep 'recipient '
echo "# what the command line says goes before ndrscan.yaml"
mkdir -p "$XDG_CONFIG_HOME/ndrscan"
printf 'all:\n  recipient-map: %s/map\n' "$top" >"$XDG_CONFIG_HOME/ndrscan/ndrscan.yaml"
"$NDRSCAN" config check && "$NDRSCAN" config | grep recipient
$Q home/bert/Maildir/new/2.forged | jq -r .recipient
$Q --recipient-path '/x/{domain}/' home/bert/Maildir/new/2.forged | jq -r .recipient
