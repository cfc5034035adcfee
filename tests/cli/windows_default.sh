# the windows of windows.d count unless told otherwise
show() { "$NDRSCAN" scan -q --output tsv "$@" "$DATA/mixed.mbox" 2>&1 | grep -c junk; }
show
"$NDRSCAN" block example.com --from 2008-01-01T00:00:00Z --until 2009-01-01T00:00:00Z > /dev/null
show
show --no-windows
echo 'windows: []' > none.yaml
show --windows none.yaml
show --windows none.yaml --no-windows
echo 'windows: [' > config/ndrscan/windows.d/bad.yaml
"$NDRSCAN" scan -q "$DATA/mixed.mbox"
echo "status $?"
"$NDRSCAN" rules list --no-shipped-rules --rules "$DATA/rules.yaml" > /dev/null
echo "status $?"
