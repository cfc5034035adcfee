/* SPDX-License-Identifier: BSD-3-Clause */
/* windows.c - which block window, if any, covers a bounce? */
#include "decide.h"

#include <string.h>

size_t
ndr_windows_first(const ndr_windows *w, ndr_slice domain)
{
    size_t lo = 0, hi = w->count;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (ndr_slice_compare(w->row[mid].domain, domain) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* The part of `d` below its first label; empty when there is no dot left. */
static ndr_slice
parent_of(ndr_slice d)
{
    const unsigned char *dot = d.len == 0 ? NULL : memchr(d.ptr, '.', d.len);
    if (dot == NULL)
        return (ndr_slice){0};
    const size_t skip = (size_t)(dot - d.ptr) + 1;
    return (ndr_slice){d.ptr + skip, d.len - skip};
}

/* An unknown recipient is in no list of mailboxes. */
static bool
takes_mailbox(const ndr_window *w, ndr_slice local)
{
    if (w->mailbox_count == 0)
        return true;
    for (size_t i = 0; i < w->mailbox_count && local.len > 0; i++)
        if (ndr_slice_equal_nocase(w->mailboxes[i], local))
            return true;
    return false;
}

/* What is there to say against it, once the domain is settled? */
static enum ndr_cover
covers_there(const ndr_window *w, ndr_slice local, enum ndr_kind kind, int64_t at)
{
    if (at == NDR_TIME_UNKNOWN)
        return NDR_COVER_NO_TIME;
    if (at < w->from)
        return NDR_COVER_EARLY;
    if (at >= w->until && w->until != NDR_TIME_OPEN)
        return NDR_COVER_OVER;
    if ((w->kinds & NDR_KIND_BIT(kind)) == 0)
        return NDR_COVER_KIND;
    return takes_mailbox(w, local) ? NDR_COVER_YES : NDR_COVER_MAILBOX;
}

enum ndr_cover
ndr_window_covers(const ndr_window *w, ndr_slice domain, ndr_slice local,
                  enum ndr_kind kind, int64_t at)
{
    if (!ndr_slice_equal(w->domain, domain)) {
        if (!ndr_domain_is_below(domain, w->domain))
            return NDR_COVER_DOMAIN;
        if (!w->subdomains)
            return NDR_COVER_SUBDOMAINS;
    }
    return covers_there(w, local, kind, at);
}

bool
ndr_window_is_for(const ndr_window *w, ndr_slice domain)
{
    return ndr_slice_equal(w->domain, domain) ||
           (w->subdomains && ndr_domain_is_below(domain, w->domain));
}

/* The one that wins among those that are delegated, or among those that are not;
 * *ret_others is set when there are some of the other sort that could have covered it. */
static const ndr_window *
find_among(const ndr_windows *w, ndr_slice domain, ndr_slice local, enum ndr_kind kind,
           int64_t at, bool delegated, bool *ret_others)
{
    bool exact = true;
    for (ndr_slice d = domain; d.len > 0; d = parent_of(d), exact = false) {
        const ndr_window *best = NULL;
        for (size_t i = ndr_windows_first(w, d);
             i < w->count && w->row[i].from <= at && ndr_slice_equal(w->row[i].domain, d);
             i++) {
            const ndr_window *row = &w->row[i];
            if (row->delegated != delegated)
                *ret_others = true;
            else if ((exact || row->subdomains) &&
                     covers_there(row, local, kind, at) == NDR_COVER_YES)
                best = row; /* rows ascend by `from`: the last one wins */
        }
        if (best != NULL)
            return best;
    }
    return NULL;
}

const ndr_window *
ndr_windows_find(const ndr_windows *w, ndr_slice domain, ndr_slice local,
                 enum ndr_kind kind, int64_t at)
{
    bool others = false;
    if (w == NULL || at == NDR_TIME_UNKNOWN)
        return NULL;
    const ndr_window *first = find_among(w, domain, local, kind, at, false, &others);
    return first == NULL && others ? find_among(w, domain, local, kind, at, true, &others)
                                   : first;
}

const ndr_window *
ndr_windows_find_delegated(const ndr_windows *w, ndr_slice domain, ndr_slice local,
                           enum ndr_kind kind, int64_t at)
{
    bool others = false;
    return find_among(w, domain, local, kind, at, true, &others);
}
