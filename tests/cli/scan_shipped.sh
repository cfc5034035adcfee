# the shipped rules are found without an option
"$NDRSCAN" scan -q "$DATA/mixed.mbox" | wc -l
