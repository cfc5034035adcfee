# SPDX-License-Identifier: BSD-3-Clause
# a slip in a template is named: no path would fit it, and what a sender writes would say whose a mailbox is
mkdir mail
for template in '/v/{domain}/{usr}/' '/v/{domain}/{User}/' '/v/{domain}/{user' '/v/{domain}/user}/' '/v/{domain/{user}/' \
    '/v/{domain}/{domain}/' '/v/{domain}/{user}/{user}' '/v/{user}/' ''; do
    "$NDRSCAN" scan -q -r --recipient-path "$template" mail
    echo "status $?"
done
for template in '/v/{domain}/{user}/' '{domain}/{user}' '/v/{domain}' '/v/{user}@{domain}/'; do
    "$NDRSCAN" scan -q -r --recipient-path "$template" mail && echo "$template"
done
