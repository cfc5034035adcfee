# SPDX-License-Identifier: BSD-3-Clause
# Maildir++ folders, one base twice, a name that is taken, Trash and Junk left out
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M -type f ! -name maildirfolder | LC_ALL=C sort; }
mkdir -p M/cur M/new M/tmp
for f in .Old .Old.2007 .Trash .Junk; do mkdir -p M/$f/cur M/$f/new M/$f/tmp; done
cp "$DATA/bounce.eml" M/.Old/cur/1.a:2,S
cp "$DATA/bounce.eml" M/.Old.2007/new/2.a
cp "$DATA/bounce.eml" M/.Trash/cur/3.a:2,ST
cp "$DATA/bounce.eml" M/cur/4.a:2,S
cp "$DATA/bounce.eml" M/new/4.a
echo other >M/.Junk/cur/1.a:2,
cp M/cur/4.a:2,S M/cur/dovecot.index.log
tree >before
apply --windows "$DATA/windows.yaml" M
tree | sed 's/_[0-9a-f]*N[0-9a-f]*Q/_TIMENPIDQ/'
cat M/.Junk/cur/1.a:2,
"$NDRSCAN" undo -q
tree | sed 's/_[0-9a-f]*N[0-9a-f]*Q/_TIMENPIDQ/' | diff before - && echo as before
