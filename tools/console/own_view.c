/* SPDX-License-Identifier: BSD-3-Clause */
/* own_view.c - what of the snapshot is a person's to see? */
#include "own_view.h"

#include <stdlib.h>
#include <string.h>

/* Where a domain stands in the set by its own name; `count` when it does not. */
static size_t
place_in(const ndr_domain_set *set, ndr_slice domain)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        const int c = ndr_slice_compare(set->row[mid].domain, domain);
        if (c == 0)
            return mid;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return set->count;
}

static void
count_states(own_view *v)
{
    v->many = v->blocked = v->calm = 0;
    for (size_t i = 0; i < v->count; i++) {
        v->many += v->row[i]->began != NDR_TIME_UNKNOWN;
        v->blocked += v->row[i]->open != NULL;
        v->calm += v->row[i]->open != NULL && v->row[i]->began == NDR_TIME_UNKNOWN &&
                   v->row[i]->calm_since != NDR_TIME_UNKNOWN;
    }
}

bool
own_view_make(own_view *ret, const snapshot *s, const ndr_admin *who)
{
    const size_t own = who != NULL ? who->domains.count : 0;
    size_t bytes = 1;
    for (size_t i = 0; i < own; i++)
        bytes += who->domains.row[i].domain.len + 1;
    bool *seen = calloc(own + 1, sizeof *seen);
    *ret = (own_view){
        .row = calloc(s->count + own + 1, sizeof(const domain_view *)),
        .blank = calloc(own + 1, sizeof *ret->blank),
        .names = calloc(bytes, 1),
    };
    char *name = ret->names;
    if (seen == NULL || ret->row == NULL || ret->blank == NULL || name == NULL) {
        free(seen);
        own_view_free(ret);
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        const ndr_slice domain = ndr_slice_of(s->row[i].domain);
        if (who != NULL && !ndr_admin_may(who, NDR_ACT_LOOK, domain, false))
            continue;
        ret->row[ret->count++] = &s->row[i];
        if (who != NULL)
            seen[place_in(&who->domains, domain)] = true;
    }
    for (size_t i = 0; i < own; i++)
        if (!seen[i]) {
            const ndr_slice domain = who->domains.row[i].domain;
            memcpy(name, domain.ptr, domain.len);
            ret->blank[i] = (domain_view){
                .domain = name,
                .state = NDR_STATE_QUIET,
                .began = NDR_TIME_UNKNOWN,
                .calm_since = NDR_TIME_UNKNOWN,
            };
            ret->row[ret->count++] = &ret->blank[i];
            name += domain.len + 1;
        }
    free(seen);
    count_states(ret);
    return true;
}

void
own_view_free(own_view *v)
{
    free(v->row);
    free(v->blank);
    free(v->names);
    *v = (own_view){0};
}

own_windows
own_windows_of(const snapshot *s, const ndr_admin *who, const char *domain)
{
    own_windows ret = {0};
    const ndr_slice name = ndr_slice_of(domain);
    const ndr_windows *all =
        s->window_table != NULL ? ndr_window_table_rows(s->window_table) : NULL;
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        const ndr_window *w = &all->row[i];
        if (w->from > s->at || s->at >= w->until || !ndr_window_is_for(w, name))
            continue;
        const bool own =
            ndr_slice_equal(w->domain, name) && snapshot_is_ours(s, w) &&
            (who == NULL ||
             (w->delegated &&
              (!w->subdomains || ndr_admin_may(who, NDR_ACT_LOOK, name, true))));
        const ndr_window **slot = own ? &ret.own : &ret.provider;
        if (*slot == NULL || (*slot)->until < w->until)
            *slot = w;
    }
    return ret;
}

/* ---- order ----------------------------------------------------------------------- */

static int
more_first(double a, double b)
{
    return a > b ? -1 : a < b;
}

static enum own_order order_now; /* qsort has no context; one thread sorts */

static int
compare(const void *a, const void *b)
{
    const domain_view *x = *(const domain_view *const *)a;
    const domain_view *y = *(const domain_view *const *)b;
    int c = 0;
    if (order_now == ORDER_STATE)
        c = x->state != y->state ? (x->state < y->state ? -1 : 1)
                                 : more_first((double)x->bounces, (double)y->bounces);
    else if (order_now == ORDER_HOUR)
        c = more_first(x->now_per_hour, y->now_per_hour);
    else if (order_now == ORDER_USUAL)
        c = more_first(x->usual_per_hour, y->usual_per_hour);
    else if (order_now == ORDER_DAY)
        c = more_first((double)x->bounces, (double)y->bounces);
    return c != 0 ? c : strcmp(x->domain, y->domain);
}

static bool
has_word(const char *domain, const char *word)
{
    char low[256];
    size_t n = 0;
    for (; word[n] != '\0' && n < sizeof low - 1; n++)
        low[n] = (char)(word[n] >= 'A' && word[n] <= 'Z' ? word[n] | 0x20 : word[n]);
    low[n] = '\0';
    return strstr(domain, low) != NULL;
}

void
own_view_arrange(own_view *v, const char *word, enum own_order order)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->count; i++)
        if (has_word(v->row[i]->domain, word))
            v->row[kept++] = v->row[i];
    v->count = kept;
    order_now = order;
    if (kept > 1)
        qsort(v->row, kept, sizeof v->row[0], compare);
}
