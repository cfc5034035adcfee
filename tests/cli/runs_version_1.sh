# SPDX-License-Identifier: BSD-3-Clause
# a run of a version that wrote no domains down is read and undone, by the operator alone
mkdir -p V/example.com/al/cur V/example.com/al/new V/example.com/al/tmp
cp "$DATA/bounce.eml" V/example.com/al/cur/1.a:2,S
path="--recipient-path $PWD/V/{domain}/{user}/"
apply() { "$NDRSCAN" apply -q --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" -r "$@"; }
counts() { "$NDRSCAN" runs --output jsonl "$@" | jq -c '[.verb, .ended, .junked, .put_back]'; }
apply $path "$PWD/V"
python3 - "$XDG_STATE_HOME"/ndrscan/journal/*-1.run <<'P'
import sys
out = []
for line in open(sys.argv[1], encoding="ascii"):
    words = line.rstrip("\n")[9:].replace("ndrscan-journal 2", "ndrscan-journal 1")
    if words.startswith(("out ", "back ")):
        words = words.rsplit(" ", 1)[0]
    check = 0x811c9dc5
    for byte in words.encode():
        check = (check ^ byte) * 0x01000193 & 0xffffffff
    out.append(f"{check:08x} {words}\n")
open(sys.argv[1], "w", encoding="ascii").writelines(out)
P
cut -d' ' -f2- "$XDG_STATE_HOME"/ndrscan/journal/*-1.run | sed -n 's/ [0-9]* 0$//; /^ndrscan\|^out/p' | sed 's/^\(out 1 0\) [0-9]*/\1 INODE/'
counts
echo "# none of it is anybody's but the operator's"
counts --only-domain example.com
counts --only-domain example.com $path
"$NDRSCAN" undo -q --only-domain example.com "$("$NDRSCAN" runs | sed -n '2s/ .*//p')" 2>&1 | sed "s/'.*-1'/RUN/"
find V -path '*Junk*' -type f ! -name maildirfolder
echo "# it comes back as ever, and goes on in the version that it has"
"$NDRSCAN" undo -q
counts
find V -path '*cur/*' -type f
echo "# a run that tells its domain stands beside it"
apply --again $path "$PWD/V"
counts --only-domain example.com $path
