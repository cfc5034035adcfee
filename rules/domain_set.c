/* SPDX-License-Identifier: BSD-3-Clause */
/* domain_set.c - is a domain among these? */
#include "ndr_admins.h"
#include "ndrscan_rules.h"

#include <stdlib.h>
#include <string.h>

int
ndr_domain_right_parse(const char *text, char ret[256], bool *below, ndr_error *err)
{
    *below = text[0] == '*' && text[1] == '.';
    return ndr_domain_to_ascii(text + (*below ? 2 : 0), ret, err);
}

static int
by_domain(const void *a, const void *b)
{
    const ndr_domain_right *x = a, *y = b;
    const int c = ndr_slice_compare(x->domain, y->domain);
    return c != 0 ? c : (int)y->below - (int)x->below;
}

size_t
ndr_domain_set_sort(ndr_domain_right *row, size_t count)
{
    size_t kept = 0;
    if (count > 1)
        qsort(row, count, sizeof *row, by_domain);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !ndr_slice_equal(row[kept - 1].domain, row[i].domain))
            row[kept++] = row[i];
    return kept;
}

static const ndr_domain_right *
find(const ndr_domain_set *set, ndr_slice domain)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int c = ndr_slice_compare(set->row[mid].domain, domain);
        if (c == 0)
            return &set->row[mid];
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

bool
ndr_domain_set_holds(const ndr_domain_set *set, ndr_slice domain, bool below)
{
    if (domain.len == 0)
        return false;
    const ndr_domain_right *r = find(set, domain);
    if (r != NULL && (r->below || !below))
        return true;
    for (;;) { /* the names above it, one after the other */
        const unsigned char *dot = memchr(domain.ptr, '.', domain.len);
        if (dot == NULL)
            return false;
        domain.len -= (size_t)(dot - domain.ptr) + 1;
        domain.ptr = dot + 1;
        r = find(set, domain);
        if (r != NULL && r->below)
            return true;
    }
}
