# SPDX-License-Identifier: BSD-3-Clause
# a default that a verb would refuse beside the command line is passed over; one that limits what moves is not
mkdir -p config/ndrscan M/cur M/new M/tmp
fill() { rm -rf M/.Junk && cp "$DATA/bounce.eml" M/cur/1.a:2,S; }
own="--no-shipped-rules --rules $DATA/rules.yaml"
judge="$own --windows $DATA/windows.yaml"
yaml() { printf "$1" >config/ndrscan/ndrscan.yaml; }
try() { "$@" >out 2>err; echo "$? ${*#$NDRSCAN}" | sed "s|$judge|...|; s|$own|...|"; grep -h ^ndrscan err; }
junk() { find M/.Junk -type f ! -name maildirfolder 2>/dev/null | wc -l; }
maildirs() { "$NDRSCAN" apply -q $judge "$@" M; }

echo '-- statistics for all verbs'
yaml "all: {stats: $PWD/s.db}\n"
fill
"$NDRSCAN" scan -q --emit junk $judge M >v
for word in --dry-run '--from-verdicts v' --release '--only-domain example.com'; do try "$NDRSCAN" apply -q $judge $word M; done
ls s.db
for word in '--plan p' '--shard 0/1 --out-dir o' '--list-shard --shard 0/1'; do try "$NDRSCAN" scan -q $judge $word M; done
try "$NDRSCAN" apply -q $judge M
echo '-- what to move: the other on the command line'
yaml 'apply: {junk: true}\n'
try "$NDRSCAN" apply -q $judge --release M
yaml 'apply: {release: true}\n'
fill
try "$NDRSCAN" apply -q $judge --junk M
echo "junk: $(junk)"
fill
try "$NDRSCAN" apply -q $judge --from-verdicts v M
echo "junk: $(junk)"
echo '-- a limit stays'
fill
for limit in 'dry-run: true' 'release: true' 'only-domain: example.com' 'from-verdicts: v'; do
    yaml "apply: {$limit}\n"
    try "$NDRSCAN" apply -q $judge --stats x.db M
done
yaml 'apply: {only-domain: a.example}\n'
try "$NDRSCAN" apply -q $judge --from-verdicts v M
echo "junk: $(junk)"
echo '-- a plan holds what defaults say'
yaml "scan: {rules: $DATA/rules.yaml, no-shipped-rules: true, recursive: true, output: tsv, recipient-path: '{domain}/{user}/', clock: date}\n"
try "$NDRSCAN" scan -q --plan q M
try "$NDRSCAN" scan -q --plan q --shard 0/1 --out-dir r
try "$NDRSCAN" scan -q --plan q --shard 0/1 --out-dir r --output tsv
echo '-- what goes with another is passed over without it'
yaml 'all: {dry-run: true, null: true, force: true, zstd: true, piece-size: 64M, recursive: true, selector: a}\n'
try "$NDRSCAN" scan -q $own M
try "$NDRSCAN" runs
printf '' >log
try "$NDRSCAN" sent add -q --format postfix log
yaml "identity init: {root: $PWD}\n"
try "$NDRSCAN" identity init --key nowhere example.com
echo '-- a plan is counted first, who follows one does as it says, and a server hands nothing on'
yaml 'scan: {count-first: true}\nfilter: {smtp: "127.0.0.1:9", sender: a@b.example}\n'
try "$NDRSCAN" scan -q $own --plan counted M
grep '^set count-first' counted/plan
try "$NDRSCAN" scan -q --plan counted --shard 0/1 --out-dir judged
try "$NDRSCAN" scan -q $own --out-dir unplanned M
timeout 2 "$NDRSCAN" filter $judge --serve "$PWD/socket" >/dev/null 2>err
echo "filter --serve: $?"; grep -h 'hands on' err
cp "$DATA/bounce.eml" one.mbox && sed -i '1i From a@b Tue May 13 08:00:00 2008' one.mbox
try "$NDRSCAN" filter $judge --format mbox <one.mbox
yaml 'filter: {sender: a@b.example}\n'
try "$NDRSCAN" filter $judge <"$DATA/bounce.eml"
echo '-- what a verb starts: how to judge, not what to do'
yaml "all:\n  stats: $PWD/s2.db\n  quiet: true\n  dry-run: true\napply:\n  only-domain: a.example\n  release: true\n  junk-folder: .Spam\n"
fill
NDRSCAN_CHILD=1 "$NDRSCAN" apply --progress=json $judge --stats s3.db M 2>&1 | grep -o '"junked":[0-9]*'
ls -d M/.Spam s3.db
exit 0
