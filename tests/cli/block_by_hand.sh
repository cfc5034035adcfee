# a file that cannot be edited in place is refused; other files' windows are named
dir=config/ndrscan/windows.d
mkdir -p $dir
printf 'windows: [{domain: a.example, from: 2008-05-13T08:00:00Z}]\n' > $dir/ndrscan.yaml
"$NDRSCAN" block example.com
echo "status $?"
cat $dir/ndrscan.yaml
mv $dir/ndrscan.yaml $dir/mine.yaml
"$NDRSCAN" unblock a.example
echo "status $?"
"$NDRSCAN" block example.com --windows-dir other.d --from 2008-05-13T08:00:00Z --until 2008-05-14T08:00:00Z
ls other.d $dir
