"$NDRSCAN" scan
