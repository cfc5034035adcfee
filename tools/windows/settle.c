/* SPDX-License-Identifier: BSD-3-Clause */
/* settle.c - which windows end because it is calm? */
#include "settle.h"

#include "auto_state.h"

#include "app/history.h"
#include "app/windows_place.h"
#include "ndrscan_rules.h"
#include "ndrscan_stats.h"

#include <errno.h>
#include <stdio.h>

enum { WAIT_MS = 5000 }; /* for another program that edits */

/* One pass. */
typedef struct pass {
    const char *stats;
    ndr_series_list list; /* read when the first window asks */
    bool read, none;      /* none: there is no file */
    int64_t now;
    const char *dir;
    auto_state autos; /* those that opened themselves; read under the lock */
    bool autos_read;
    history history;
    ndr_buffer *told;
} pass;

static int
read_counts(pass *p, ndr_error *err)
{
    ndr_error own = {0};
    if (p->read)
        return 0;
    p->read = true;
    const int rc = ndr_counts_read(p->stats, p->now - NDR_STORM_PAST_S, p->now, 0, NULL,
                                   &p->list, &own);
    p->none = rc == NDR_E_SYS && own.sys_errno == ENOENT;
    if (rc != 0 && !p->none && err != NULL)
        *err = own;
    return p->none ? 0 : rc;
}

/* The same of one that opened itself: by whose mail came back. */
static int
is_over_by_proof(pass *p, const ndr_window *w, const auto_window *own, bool *ret,
                 ndr_error *err)
{
    ndr_error said = {0};
    ndr_counts_view *v = NULL;
    ndr_proof_series s = {0};
    ndr_alarms *a = NULL;
    ndr_alarm at;
    int rc = ndr_counts_view_open(p->stats, &v, &said);
    const bool none = rc == NDR_E_SYS && said.sys_errno == ENOENT;
    const int64_t known =
        rc != 0 || ndr_counts_view_fresh(v) > p->now ? p->now : ndr_counts_view_fresh(v);
    if (rc == 0)
        rc = ndr_counts_view_proofs(v, own->domain, known - 2 * (int64_t)NDR_STORM_PAST_S,
                                    known, &s, &said);
    if (rc == 0)
        rc = ndr_alarms_new(&s, ndr_counts_view_begin(v), known, w->take, &a, &said);
    while (rc == 0 && ndr_alarms_next(a, &at))
        ;
    if (rc == 0)
        *ret = ndr_alarms_are_over(a, own->opened, own->times);
    ndr_alarms_free(a);
    ndr_proof_series_clear(&s);
    ndr_counts_view_close(v);
    if (rc != 0 && !none && err != NULL)
        *err = said;
    return none ? 0 : rc;
}

static int
is_over(void *ctx, const ndr_window *w, bool *ret, ndr_error *err)
{
    pass *p = ctx;
    *ret = false;
    const int loaded = p->autos_read ? 0 : auto_state_load(p->dir, &p->autos, err);
    if (loaded != 0)
        return loaded;
    p->autos_read = true;
    const auto_window *own = auto_state_open(&p->autos, w->domain, w->from);
    if (own != NULL)
        return is_over_by_proof(p, w, own, ret, err);
    const int rc = read_counts(p, err);
    if (rc != 0 || p->none)
        return rc;
    return ndr_window_settled(w, &p->list, p->now, ret, err);
}

static int
record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    pass *p = ctx;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        auto_window *own =
            auto_state_open(&p->autos, change[i].window.domain, change[i].window.from);
        if (own != NULL)
            own->ended = p->now;
        any |= own != NULL;
    }
    int rc = any ? auto_state_save(p->dir, &p->autos, p->now, err) : 0;
    if (rc == 0)
        rc = history_record(&p->history, change, count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        history_words(p->told, &change[i], p->now);
    return rc;
}

int
settle(const char *dir, const char *stats, const char *who, int64_t now, ndr_buffer *told,
       size_t *ret, ndr_error *err)
{
    pass p = {.stats = stats, .now = now, .told = told, .dir = dir};
    const ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder), .dir = dir,
                                       .wait_ms = WAIT_MS, .record = record, .ctx = &p};
    *ret = 0;
    int rc = history_begin(&p.history, dir, SETTLE_NOTE, now, err);
    p.history.folder = dir;
    if (rc == 0)
        rc = windows_place(dir, err);
    if (rc >= 0 && who != NULL)
        (void)snprintf(p.history.who, sizeof p.history.who, "%s", who);
    if (rc >= 0)
        rc = ndr_windows_settle(&folder, is_over, now, ret, err);
    auto_state_free(&p.autos);
    ndr_series_list_clear(&p.list);
    return rc;
}

int
settle_all(const char *stats, const char *who, int64_t now, ndr_buffer *told, size_t *ret,
           ndr_error *err)
{
    windows_places places;
    const char *list[WINDOWS_PLACES];
    *ret = 0;
    const int count = windows_places_written(&places, list, err);
    int rc = count < 0 ? count : 0;
    for (int i = 0; i < count && rc >= 0; i++) {
        size_t ended = 0;
        rc = settle(list[i], stats, who, now, told, &ended, err);
        *ret += ended;
    }
    return rc;
}
