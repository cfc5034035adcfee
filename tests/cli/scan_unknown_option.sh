"$NDRSCAN" scan --widnows w.yaml mail
