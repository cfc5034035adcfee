/* SPDX-License-Identifier: BSD-3-Clause */
/* settle.c - which windows end because it is calm? */
#include "settle.h"

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

static int
is_over(void *ctx, const ndr_window *w, bool *ret, ndr_error *err)
{
    pass *p = ctx;
    *ret = false;
    const int rc = read_counts(p, err);
    if (rc != 0 || p->none)
        return rc;
    return ndr_window_settled(w, &p->list, p->now, ret, err);
}

static int
record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    pass *p = ctx;
    const int rc = history_record(&p->history, change, count, err);
    for (size_t i = 0; rc == 0 && i < count; i++)
        history_words(p->told, &change[i], p->now);
    return rc;
}

int
settle(const char *dir, const char *stats, const char *who, int64_t now, ndr_buffer *told,
       size_t *ret, ndr_error *err)
{
    pass p = {.stats = stats, .now = now, .told = told};
    const ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder), .dir = dir,
                                       .wait_ms = WAIT_MS, .record = record, .ctx = &p};
    *ret = 0;
    int rc = history_begin(&p.history, "calm again", now, err);
    p.history.folder = dir;
    if (rc == 0)
        rc = windows_place(dir, err);
    if (rc >= 0 && who != NULL)
        (void)snprintf(p.history.who, sizeof p.history.who, "%s", who);
    if (rc >= 0)
        rc = ndr_windows_settle(&folder, is_over, now, ret, err);
    ndr_series_list_clear(&p.list);
    return rc;
}
