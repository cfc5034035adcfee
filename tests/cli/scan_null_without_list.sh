"$NDRSCAN" scan -0 mail
