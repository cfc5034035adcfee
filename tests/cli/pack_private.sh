# SPDX-License-Identifier: BSD-3-Clause
# an archive is read by nobody who could not read all of what is in it
P="$NDRSCAN pack -q"
umask 022
see() { stat -c '%n %a' "$@"; }
chmod 755 .
cp "$DATA/mixed.mbox" box
chmod 600 box; $P -o private.zst box; see private.zst
cp box open; chmod 644 open; $P -o open.zst open; see open.zst
$P -o both.zst open box; see both.zst
$P -o pipe.zst - <open && see pipe.zst
cat open | $P -o pipe2.zst - && see pipe2.zst
mkdir -p m/cur m/new m/tmp; cp "$DATA/letter.eml" m/new/1; chmod 644 m/new/1
chmod 711 m m/cur m/new; $P -o passed.zst m; see passed.zst
chmod 700 m/new; $P -o shut.zst m; see shut.zst
# what is replaced was for fewer
chmod 600 open.zst; $P --force -o open.zst open; see open.zst
S="$NDRSCAN split --no-shipped-rules --rules $DATA/rules.yaml --windows $DATA/windows.yaml"
$S --junk junk --keep keep box; see junk keep
chmod 644 junk keep; $S --force --junk junk --keep keep box; see junk keep
