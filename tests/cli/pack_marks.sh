# SPDX-License-Identifier: BSD-3-Clause
# mailboxes whose marks cannot be told once packed are refused: the file and what to do are named
letter='From: a@example.com\nSubject: %s\n\ntext\n'
printf "\001\001\001\001\n$letter\001\001\001\001\n\001\001\001\001\n$letter\001\001\001\001\n" one two >mmdf
printf "From \n$letter\nFrom \n$letter\n" one two >thunderbird
printf "From a@example.com Tue May 13 08:00:00 2008\n$letter\n" one >mbox
for source in mmdf thunderbird; do
    "$NDRSCAN" pack -o new.zst mbox $source
    echo $?
    cat $source | "$NDRSCAN" pack -o new.zst -
    echo $?
    # what the words tell to do
    zstd -qc $source >$source.zst
    "$NDRSCAN" scan --no-shipped-rules --rules "$DATA/rules.yaml" --output summary $source.zst | grep messages | head -1
done
ls -A
