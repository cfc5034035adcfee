# SPDX-License-Identifier: BSD-3-Clause
# the Junk folder that is there is used; what lies in one of another name comes back from there
apply() { "$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" -q "$@"; }
tree() { find M P -type f ! -name maildirfolder | LC_ALL=C sort; }
box() { mkdir -p "$1/cur" "$1/new" "$1/tmp"; }
box M; box M/.Spam; box M/.Sent; box P; box P/Sent
cp "$DATA/bounce.eml" M/cur/1.a:2,S
cp "$DATA/bounce.eml" M/.Sent/cur/2.a:2,S
cp "$DATA/bounce.eml" M/.Spam/cur/3.theirs:2,S
cp "$DATA/bounce.eml" P/Sent/cur/4.a:2,S
apply --windows "$DATA/windows.yaml" M P; tree; ls -A M P
apply --no-windows M P; tree
echo asked for, with and without the dot:
apply --junk-folder Bounces --windows "$DATA/windows.yaml" M P; tree
apply --windows "$DATA/windows.yaml" M P; echo "exit $?"; tree
apply --no-windows M P; tree
apply --junk-folder a/b M; echo "exit $?"
