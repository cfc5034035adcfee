/* SPDX-License-Identifier: BSD-3-Clause */
/* provable.c - see provable.h. */
#include "provable.h"

#include "app/places.h"
#include "ndrscan_proof.h"
#include "ndrscan_rules.h"

#include <unistd.h>

static bool
states_all_mail(const ndr_identity *who, const ndr_window *w)
{
    for (size_t i = 0; i < who->count; i++) {
        const ndr_identity_domain *d = &who->row[i];
        if (d->dkim_since != NDR_TIME_UNKNOWN && ndr_window_is_for(w, d->domain))
            return true;
    }
    return false;
}

int
windows_provable(const char *identity, const ndr_window *w, size_t count, ndr_error *err)
{
    char path[4096];
    ndr_identity_table *t = NULL;
    size_t i = 0;
    while (i < count && w[i].take != NDR_TAKE_FORGED)
        i++;
    if (i == count)
        return 0;
    if (identity == NULL &&
        place_setting_there("identity.yaml", path, sizeof path, NULL) == 0 &&
        access(path, F_OK) == 0)
        identity = path;
    int rc = identity != NULL ? ndr_identity_load(identity, NULL, NULL, &t, err) : 0;
    for (; rc == 0 && i < count; i++)
        if (w[i].take == NDR_TAKE_FORGED &&
            (t == NULL || !states_all_mail(ndr_identity_rows(t), &w[i])))
            rc = ndr_fail(err, NDR_E_SYNTAX,
                          "%.*s%sa window of %.*s that takes only what is forged would "
                          "take nothing: no identity states that all mail of it is "
                          "signed (all-mail in ndrscan-identity(5))",
                          (int)w[i].where.len, (const char *)w[i].where.ptr,
                          w[i].where.len > 0 ? ": " : "", (int)w[i].domain.len,
                          (const char *)w[i].domain.ptr);
    ndr_identity_free(t);
    return rc;
}
