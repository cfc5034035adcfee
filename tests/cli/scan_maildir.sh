# SPDX-License-Identifier: BSD-3-Clause
# a Maildir with a Maildir++ subfolder; tmp/ holds no mail
S="$NDRSCAN scan --no-shipped-rules --rules $DATA/rules.yaml"
mkdir -p M/new M/cur M/tmp M/.Old/new M/.Old/cur M/.Old/tmp
cp "$DATA/bounce.eml" M/new/1210755727.M1P1.mx
cp "$DATA/letter.eml" M/cur/1210755000.M2P1.mx:2,S
cp "$DATA/bounce.eml" M/tmp/1210755999.M3P1.mx
cp "$DATA/delayed.eml" M/.Old/cur/1210750000.M4P1.mx:2,
$S -q --output paths M
