# a second and a third block extend the window that is there; what covers it already is said; brackets of a suggestion
export TZ=UTC
mkdir -p config/ndrscan/windows.d
printf '# to open: nothing\nwindows: [] # none\n# the end\n' >config/ndrscan/windows.d/ndrscan.yaml
at() { "$NDRSCAN" block example.com --from "2008-05-$1T08:00:00Z" --until "2008-05-$2T08:00:00Z" --note "$3"; }
at 13 15 first
at 14 16 second
at 12 14 third
at 13 14 fourth
at 17 18 'it does not touch them'
"$NDRSCAN" block example.com --from 2008-05-13T08:00:00Z --until 2008-05-14T08:00:00Z --until-calm
cat config/ndrscan/windows.d/ndrscan.yaml
"$NDRSCAN" windows history --output jsonl | grep -o '"what":"[a-z]*"\|"note":"[^"]*"' | paste -s -d ' '
# a name below one that is blocked with all below it
"$NDRSCAN" block --subdomains below.example --until 9998-01-02T00:00:00Z >/dev/null
"$NDRSCAN" unblock mail.below.example; echo "status $?"
# an overlap that is over is told by windows check alone
printf 'windows:\n- {domain: a.example, from: 2008-05-13T08:00:00Z, until: 2008-05-15T08:00:00Z}\n- {domain: a.example, from: 2008-05-14T08:00:00Z, until: 2008-05-16T08:00:00Z}\n' >past.yaml
"$NDRSCAN" scan -q --windows past.yaml "$DATA/../mail/failed/axigen.eml" >/dev/null; echo "status $?"
