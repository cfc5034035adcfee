# standard input can be read once
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
$S - - <"$DATA/bounce.eml"
