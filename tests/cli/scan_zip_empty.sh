# SPDX-License-Identifier: BSD-3-Clause
# a zip archive of no members holds no messages, with a comment or without, and is whole
printf 'PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >empty.zip
printf 'PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0hello' >comment.zip
printf 'PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0he' >cut.zip
for zip in empty comment cut; do
    $NDRSCAN scan --no-shipped-rules --rules "$DATA/rules.yaml" -q $zip.zip
    echo "$zip $?"
    $NDRSCAN scan --no-shipped-rules --rules "$DATA/rules.yaml" -q - <$zip.zip
    echo "$zip $?"
done
