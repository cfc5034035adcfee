# a window is opened, listed, ended; comments and other people's files stay
export TZ=CET-1CEST,M3.5.0,M10.5.0/3
from="--from 2008-05-13T08:00:00Z"
"$NDRSCAN" block example.com Bücher.Example. $from --until 2008-05-15T08:00:00Z --note 'spoofed since Tuesday'
"$NDRSCAN" block example.net $from --until 2008-05-14T08:00:00Z --until-calm --subdomains --kinds failed,receipt
cat config/ndrscan/windows.d/ndrscan.yaml
"$NDRSCAN" windows check config/ndrscan/windows.d
"$NDRSCAN" block example.org --from 9998-01-01T00:00:00Z --until 9998-01-02T00:00:00Z | sed "s/(in .*)/(in DAYS)/"
"$NDRSCAN" unblock example.org example.com --note 'was a test'
"$NDRSCAN" unblock example.org
"$NDRSCAN" windows history example.net | tr "\n" " " | sed "s/.* blocked /blocked /; s/  */ /g"; echo
"$NDRSCAN" windows history --output jsonl example.org | sed 's/"at":"[^"]*"/"at":"NOW"/; s/"who":"[^"]*","uid":[0-9]*/WHO/'
