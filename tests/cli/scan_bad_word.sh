"$NDRSCAN" scan --emit everything mail
