# SPDX-License-Identifier: BSD-3-Clause
# who undoes or lists runs as a whole needs no map of mailboxes; for some domains alone it has to be in order
mkdir -p M/cur M/new M/tmp "$XDG_CONFIG_HOME/ndrscan"
cp "$DATA/bounce.eml" M/cur/1.a:2,S
"$NDRSCAN" apply -q --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" M
printf 'all:\n  recipient-map: %s/map\n' "$PWD" >"$XDG_CONFIG_HOME/ndrscan/ndrscan.yaml"
for map in '' 'home/anna a.example'; do
    test -z "$map" || echo "$map" >map
    for verb in "undo --dry-run" "runs" "undo --dry-run --only-domain example.com" "runs --only-domain example.com"; do
        "$NDRSCAN" $verb >/dev/null 2>err
        echo "$verb: status $?"
        grep recipient-map err | sed "s|$PWD/||g"
    done
done
"$NDRSCAN" undo -q
echo "status $?"
find M -name '1.a*'
