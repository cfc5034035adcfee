# SPDX-License-Identifier: BSD-3-Clause
# the file that --stats default means lies elsewhere than where one stands
mkdir -p mail/M/cur mail/M/new mail/M/tmp
cp "$DATA/bounce.eml" mail/M/cur/1.a:2,S
cd mail
"$NDRSCAN" apply -q --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" --stats default M
echo $?
"$NDRSCAN" apply --no-shipped-rules --rules "$DATA/rules.yaml" --windows "$DATA/windows.yaml" --stats default M
