"$NDRSCAN" help rules
"$NDRSCAN" rules --help
"$NDRSCAN" rules
