"$NDRSCAN" skan mail; echo $?
"$NDRSCAN" rules chekc; echo $?
: >mail; "$NDRSCAN" mail; echo $?
"$NDRSCAN" help skan
