# SPDX-License-Identifier: BSD-3-Clause
# mail that a folder hid from others stays hidden from them in what is made of it
umask 022
chmod 755 .
for way in . .. ; do
    [ $((0$(stat -c %a "$(realpath $way)") & 011)) = 9 ] || exit 77 # all is hidden here
done
P="$NDRSCAN pack -q --force"
see() { stat -c "$* %a" new.zst; rm -f new.zst; }
mkdir -p MD/cur MD/new MD/tmp top/alice/a/b top/bob
cp "$DATA/letter.eml" MD/new/1
cp "$DATA/mixed.mbox" top/alice/inbox
cp "$DATA/mixed.mbox" top/alice/a/b/deep
cp "$DATA/mixed.mbox" top/bob/inbox
chmod 644 MD/new/1 top/*/inbox top/alice/a/b/deep
$P -o new.zst MD; see open Maildir
$P -r -o new.zst top; see open tree
chmod 700 MD top/alice
$P -o new.zst MD; see shut Maildir
$P -o new.zst MD/new; see its leaf
(cd MD/new && $P -o ../../new.zst .); see its leaf from within
(cd MD/new && $P -o ../../new.zst 1); see a message from within
$P -r -o new.zst top; see tree with one shut
$P -r -o new.zst top/bob; see the other
$P -o new.zst top/alice/inbox; see a file
$P -o new.zst top/alice/a/b/deep; see a file further below
$P -o new.zst - <top/alice/inbox; see standard input
ln -s top/alice/inbox link
$P -o new.zst link; see a link into it
chmod 750 top/alice
$P -o new.zst top/alice/inbox; see its group may pass
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
chmod 700 top/alice
$S --junk junk --keep keep top/alice/inbox 2>/dev/null; stat -c '%n %a' junk keep
$S --force --junk junk --keep keep - <top/alice/inbox 2>/dev/null; stat -c '%n %a' junk keep
[ "$(id -u)" != 0 ] && exit 77
# a folder of root's hides an open file of another's from its owner, too
chown 12345:12345 top/alice/inbox
$P -o new.zst top/alice/inbox; stat -c "%u" new.zst; see "root's folder"
chmod 750 top/alice
$P -o new.zst top/alice/inbox; stat -c "%u" new.zst; see "the group of root's folder"
chown 12345:12345 top/alice
$P -o new.zst top/alice/inbox; stat -c "%u" new.zst; see "their own folder"
