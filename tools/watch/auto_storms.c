/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_storms.c - see auto_storms.h. */
#include "auto_storms.h"

#include "app/history_read.h"
#include "auto_brakes.h"
#include "windows/settle.h"

#include <stdlib.h>
#include <string.h>

enum {
    LATE_STEPS = 48, /* in which domains are looked for that get much: */
    LATE_LEAST = 24, /* so much */

    /* lines of the history, one behind the other, that are too old to count: what is
     * before them is older still. So many, as the clock may have been wrong for a while
     */
    OLD_LINES = 1000,
};

typedef struct search {
    const auto_list *list;
    auto_storms *storms;
} search;

static int
add_busy(void *ctx, const char *domain, uint64_t came)
{
    const search *look = ctx;
    auto_storms *s = look->storms;
    (void)came;
    if (domain == NULL || domain[0] == '\0' || strlen(domain) >= sizeof s->row->domain)
        return 0;
    if ((s->count & (s->count - 1)) == 0) { /* room doubles at powers of two */
        const size_t cap = s->count == 0 ? 1 : s->count * 2;
        auto_storm *longer = realloc(s->row, cap * sizeof *longer);
        if (longer == NULL)
            return NDR_E_NOMEM;
        s->row = longer;
    }
    auto_storm *one = &s->row[s->count++];
    *one = (auto_storm){.listed = auto_list_find(look->list, domain),
                        .off = NDR_TIME_UNKNOWN};
    memcpy(one->domain, domain, strlen(domain) + 1);
    return 0;
}

/* What a domain's last step that is over comes to. */
static int
ask(ndr_counts_view *view, auto_storm *c, int64_t now, ndr_error *err)
{
    ndr_proof_series s = {0};
    ndr_alarms *a = NULL;
    const int64_t fresh = ndr_counts_view_fresh(view);
    const int64_t known = fresh < now ? fresh : now;
    int rc = ndr_counts_view_proofs(view, c->domain, known - 2 * NDR_STORM_PAST_S, known,
                                    &s, err);
    if (rc == 0)
        rc = ndr_alarms_new(&s, ndr_counts_view_begin(view), known,
                            c->listed != NULL ? c->listed->take : NDR_TAKE_NOT_OURS, &a,
                            err);
    ndr_alarm at, sure = {0};
    while (rc == 0 && ndr_alarms_next(a, &at)) {
        sure = at.not_ours ? at : sure;
        c->at = at;
    }
    if (c->at.on && !c->at.not_ours) { /* in a pause: what was seen last */
        sure.on = true;
        sure.began = c->at.began;
        c->at = sure;
    }
    ndr_alarms_free(a);
    ndr_proof_series_clear(&s);
    return rc;
}

int
auto_storms_find(ndr_counts_view *view, const auto_list *list, int64_t now,
                 auto_storms *ret, ndr_error *err)
{
    search look = {list, ret};
    const int64_t since = now - (int64_t)LATE_STEPS * NDR_STEP_S;
    int rc = ndr_counts_view_busy(view, since, LATE_LEAST, add_busy, &look, err);
    size_t kept = 0;
    for (size_t i = 0; i < ret->count && rc == 0; i++) {
        rc = ask(view, &ret->row[i], now, err);
        if (rc == 0 && ret->row[i].at.on)
            ret->row[kept++] = ret->row[i];
    }
    ret->count = rc == 0 ? kept : 0;
    return rc;
}

/* ---- in order -----------------------------------------------------------------------
 */

static int
by_size(const void *a, const void *b)
{
    const auto_storm *x = a, *y = b;
    return x->at.usual != y->at.usual ? (x->at.usual > y->at.usual ? 1 : -1)
                                      : strcmp(x->domain, y->domain);
}

static int
to_domain(const void *domain, const void *row)
{
    return ndr_slice_compare(*(const ndr_slice *)domain,
                             ndr_slice_of(((const auto_storm *)row)->domain));
}

/* Who ended a window of a domain lately. */
typedef struct ended {
    const auto_storms *storms; /* by domain */
    int64_t since;
    size_t old; /* lines in a row that are older */
} ended;

/* Put down when somebody ended a window of a domain, by a line of the history. */
static bool
find_off(void *ctx, const history_line *line)
{
    ended *e = ctx;
    const auto_storms *s = e->storms;
    char at[40] = "";
    int64_t when = NDR_TIME_UNKNOWN;
    const bool is_end = ndr_slice_equal(line->what, NDR_SLICE("unblock")) ||
                        ndr_slice_equal(line->what, NDR_SLICE("cancel"));
    if (line->at.len < sizeof at)
        memcpy(at, line->at.ptr, line->at.len);
    if (ndr_timestamp_parse(at, &when, NULL) != 0)
        return true;
    e->old = when < e->since ? e->old + 1 : 0;
    if (is_end && !ndr_slice_equal(line->note, NDR_SLICE(SETTLE_NOTE))) {
        auto_storm *c =
            bsearch(&line->domain, s->row, s->count, sizeof *s->row, to_domain);
        if (c != NULL && when > c->off)
            c->off = when;
    }
    return e->old < OLD_LINES;
}

int
auto_storms_line_up(auto_storms *s, const char *path, int64_t now, ndr_error *err)
{
    ended e = {.storms = s, .since = now - AUTO_PERSON_S};
    const history_asked asked = {.tell = find_off, .ctx = &e};
    const int rc = s->count > 0 ? history_newest(path, &asked, err) : 0;
    if (s->count > 1)
        qsort(s->row, s->count, sizeof *s->row, by_size);
    return rc;
}

void
auto_storms_free(auto_storms *s)
{
    free(s->row);
    *s = (auto_storms){0};
}
