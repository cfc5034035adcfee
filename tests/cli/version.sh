"$NDRSCAN" --version
"$NDRSCAN" version
"$NDRSCAN" scan --version
"$NDRSCAN" --version >/dev/full
