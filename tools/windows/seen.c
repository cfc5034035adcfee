/* SPDX-License-Identifier: BSD-3-Clause */
/* seen.c - what do the statistics say of a domain that somebody is about to block? */
#include "seen.h"

#include "app/nearest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FEW = 2 }; /* letters that may differ: most domains have an ending in common */

int
seen_begin(seen_counts *c, const char *stats, int64_t now, ndr_error *err)
{
    ndr_error own = {0};
    *c = (seen_counts){0};
    const int rc =
        ndr_counts_read(stats, now - NDR_STORM_PAST_S, now, 0, NULL, &c->list, &own);
    c->known = c->list.fresh < now ? c->list.fresh : now;
    c->none = rc == NDR_E_SYS && own.sys_errno == ENOENT;
    if (c->none)
        return 0;
    if (rc < 0 && err != NULL)
        *err = own;
    return rc;
}

void
seen_end(seen_counts *c)
{
    ndr_series_list_clear(&c->list);
}

static int
add(const seen_counts *c, const ndr_series *s, seen *ret, ndr_error *err)
{
    ndr_outlook o;
    const int rc = ndr_outlook_of(s, c->list.begin, c->known, &o, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < s->count; i++)
        ret->bounces += s->row[i].bounces;
    const ndr_storm *last = o.count > 0 ? &o.storm[o.count - 1] : NULL;
    if (last != NULL && last->ended == NDR_TIME_OPEN) {
        if (ret->began == NDR_TIME_UNKNOWN || last->began < ret->began)
            ret->began = last->began;
        ret->many += last->bounces;
    }
    ndr_outlook_clear(&o);
    return 0;
}

int
seen_of(const seen_counts *c, const ndr_window *w, seen *ret, ndr_error *err)
{
    *ret = (seen){.known = c->list.count > 0, .began = NDR_TIME_UNKNOWN};
    char domain[256];
    (void)snprintf(domain, sizeof domain, "%.*s", (int)w->domain.len,
                   (const char *)w->domain.ptr);
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < c->list.count; i++) {
        const ndr_series *s = &c->list.series[i];
        if (ndr_window_is_for(w, ndr_slice_of(s->domain))) {
            const int rc = add(c, s, ret, err);
            if (rc < 0)
                return rc;
        } else {
            const size_t off = nearest_distance(domain, s->domain);
            if (off <= FEW && off < best && nearest_is_near(domain, s->domain)) {
                best = off;
                memcpy(ret->meant, s->domain, sizeof ret->meant);
            }
        }
    }
    return 0;
}
