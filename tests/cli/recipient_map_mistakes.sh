# SPDX-License-Identifier: BSD-3-Clause
# a mistake in a map of mailboxes is named with its line, and nothing is scanned
mkdir mail
try() {
    "$NDRSCAN" scan -q -r "$@" mail
    echo "status $?"
}
with() {
    printf "$1" >map
    try --recipient-map map
}
with '/a a.example\n/b b.example\n/a b.example\n'
with 'home/anna a.example\n'
with '/home/anna\n'
with '/home/anna a..example\n'
with '/home/anna anna@a.example\n'
with '/home/my mail/x a.example\n'
with '# nothing\n'
with ''
with '/a/../x a.example\n'
try --recipient-map none
try --recipient-map mail
with '/a a.example\n'
try --recipient-map map --recipient-path '/v/{domain}/{user}/'
try --recipient-path '/v/{domain}/{user}/' --recipient-map map
try --recipient-path '/v//{domain}/'
try --recipient-path '/v/./{domain}/'
try --recipient-path '../{domain}/'
for verb in "undo --only-domain a.example" "runs --only-domain a.example" "apply --only-domain a.example --no-windows mail"; do
    "$NDRSCAN" $verb --recipient-map none 2>&1 >/dev/null
    echo "status $?"
done
