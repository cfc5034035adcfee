/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_pass.c - see auto_pass.h. */
#define _GNU_SOURCE /* CLOCK_BOOTTIME */
#include "auto_pass.h"

#include "app/diag.h"
#include "app/history.h"
#include "app/windows_place.h"
#include "auto_brakes.h"
#include "auto_daily.h"
#include "auto_in_force.h"
#include "auto_metrics.h"
#include "auto_storms.h"
#include "auto_tell.h"
#include "ndrscan_rules.h"
#include "ndrscan_stats.h"
#include "windows/settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    MANY_DOMAINS = 5,
    NAMES_BYTES = 400,
    WAIT_MS = 5000,  /* for another program that edits the windows */
    DAILY_S = 3600,  /* after its minute a day is summed up still */
    HARD_END_S = 60, /* before its latest end a window was ended by somebody */
};

struct auto_watch {
    auto_opts o;
    auto_in_force in_force;
    auto_teller teller;
    auto_state before;    /* as it was at the last look */
    int64_t clock_off;    /* of the clock to one that nobody sets; 0: not known yet */
    int64_t clock_set;    /* when it was set last, or NDR_TIME_UNKNOWN */
    bool metrics_trouble; /* told */
};

/* One look. */
typedef struct look {
    auto_watch *a;
    const auto_place *place;
    int64_t now, fresh, begin;
    ndr_counts_view *view;
    ndr_window_table *windows;
    auto_state state;
    ndr_identity_table *identity;
    auto_storms storms;
    /* the window that is opening */
    const auto_storm *opening;
    unsigned times;
    bool recorded; /* the last row of the state is of it */
    history history;
    size_t held; /* listed domains for which a brake held the window */
} look;

int
auto_watch_begin(const auto_opts *o, auto_watch **ret, ndr_error *err)
{
    auto_watch *a = calloc(1, sizeof *a);
    if (a == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    a->o = *o;
    a->clock_set = NDR_TIME_UNKNOWN;
    a->teller.events = o->events;
    const int rc = auto_in_force_begin(&a->in_force, o->list, o->admins, err);
    if (rc != 0)
        auto_watch_end(a);
    else
        *ret = a;
    return rc;
}

void
auto_watch_end(auto_watch *a)
{
    if (a == NULL)
        return;
    auto_in_force_end(&a->in_force);
    auto_teller_free(&a->teller);
    auto_state_free(&a->before);
    free(a);
}

/* Was the clock set since the last look? */
static void
look_at_clock(auto_watch *a, int64_t now)
{
    struct timespec t;
    if (clock_gettime(CLOCK_BOOTTIME, &t) != 0)
        return;
    const int64_t off = now - (int64_t)t.tv_sec, by = off - a->clock_off;
    if (a->clock_off != 0 && (by > AUTO_CLOCK_S || by < -AUTO_CLOCK_S))
        a->clock_set = now;
    a->clock_off = off;
}

/* ---- windows that are open ----------------------------------------------------------
 */

static const ndr_window *
find_window(const ndr_window_table *table, const auto_window *own)
{
    const ndr_windows *rows = ndr_window_table_rows(table);
    for (size_t i = ndr_windows_first(rows, ndr_slice_of(own->domain)); i < rows->count;
         i++) {
        const ndr_window *w = &rows->row[i];
        if (!ndr_slice_equal(w->domain, ndr_slice_of(own->domain)))
            break;
        if (w->from == own->from)
            return w;
    }
    return NULL;
}

/* Put down what ended otherwise than by settling: by hand, or as its time was over. */
static void
find_ends(look *l)
{
    for (size_t i = 0; i < l->state.count; i++) {
        auto_window *own = &l->state.row[i];
        if (own->ended != NDR_TIME_OPEN)
            continue;
        const ndr_window *w = find_window(l->windows, own);
        if (w != NULL && w->until > l->now)
            continue;
        own->ended = w != NULL ? w->until : l->now;
        for (size_t k = 0; w == NULL && k < l->a->before.count; k++) {
            const auto_window *old = &l->a->before.row[k];
            if (old->from == own->from && old->ended != NDR_TIME_OPEN &&
                strcmp(old->domain, own->domain) == 0)
                own->ended = old->ended; /* when it was first seen */
        }
        own->by_person = own->ended < own->opened + AUTO_LONGEST_S - HARD_END_S;
    }
}

static bool
is_blocked(const look *l, const char *domain)
{
    const ndr_windows *rows = ndr_window_table_rows(l->windows);
    for (size_t i = 0; i < rows->count; i++)
        if (rows->row[i].mailbox_count == 0 &&
            ndr_window_is_for(&rows->row[i], ndr_slice_of(domain)) &&
            rows->row[i].from <= l->now && l->now < rows->row[i].until)
            return true;
    return false;
}

/* ---- one that opens ------------------------------------------------------------------
 */

static const char *
owner_of(const auto_list *list, const char *domain)
{
    const auto_domain *d = auto_list_find(list, domain);
    return d != NULL && d->owner[0] != '\0' ? d->owner : domain;
}

static void
count_windows(const look *l, const auto_storm *c, auto_facts *f, int64_t *ended,
              unsigned *times)
{
    *ended = 0;
    *times = 0;
    for (size_t i = 0; i < l->state.count; i++) {
        const auto_window *w = &l->state.row[i];
        const bool own = strcmp(w->domain, c->domain) == 0;
        if (w->ended == NDR_TIME_OPEN) {
            f->open++;
            f->open_owner += strcmp(owner_of(&l->a->in_force.list, w->domain),
                                    owner_of(&l->a->in_force.list, c->domain)) == 0;
        } else if (own && w->by_person && w->ended > f->person_off) {
            f->person_off = w->ended;
        }
        f->today += own && l->now - w->opened < AUTO_DAY_S;
        if (own && w->ended != NDR_TIME_OPEN && w->ended >= *ended) {
            *ended = w->ended;
            *times = w->times;
        }
    }
}

/* All that brakes ask. */
static void
gather(look *l, const auto_storm *c, auto_facts *f)
{
    int64_t ended;
    unsigned times;
    *f = (auto_facts){.now = l->now,
                      .fresh = l->fresh,
                      .begin = l->begin,
                      .clock_set = l->a->clock_set,
                      .take = c->listed->take,
                      .past_judged = c->at.past_judged,
                      .past_ours = c->at.past_ours,
                      .person_off = c->off,
                      .most = l->a->o.at_once,
                      .most_owner = l->a->o.at_once_owner,
                      .dry = l->a->o.dry};
    count_windows(l, c, f, &ended, &times);
    l->times = auto_times(l->now, ended, times);
    const ndr_identity *who = l->identity != NULL ? ndr_identity_rows(l->identity) : NULL;
    for (size_t i = 0; who != NULL && i < who->count; i++)
        if (ndr_slice_equal(who->row[i].domain, ndr_slice_of(c->domain))) {
            f->known = true;
            f->all_mail = who->row[i].dkim_since != NDR_TIME_UNKNOWN;
        }
}

/* Under the windows' lock: is it still right, and keep it. What others put down since
 * the state was read is kept. For ndr_windows_folder.record. */
static int
record(void *ctx, const ndr_window_change *change, size_t count, ndr_error *err)
{
    look *l = ctx;
    auto_state now;
    int rc = auto_state_load(l->place->windows, &now, err);
    if (rc != 0)
        return rc;
    const bool alone = count == 1 && auto_state_follow(&now, &l->state);
    auto_window *own = alone ? auto_state_add(&now) : NULL;
    if (own == NULL) {
        auto_state_free(&now);
        return alone ? ndr_fail(err, NDR_E_NOMEM, "no memory")
                     : ndr_fail(err, NDR_E_LIMIT,
                                "another machine opened a window meanwhile");
    }
    own->from = change->window.from;
    own->opened = l->now;
    own->times = l->times;
    memcpy(own->domain, l->opening->domain, sizeof own->domain);
    auto_state_free(&l->state);
    l->state = now;
    l->recorded = true;
    rc = auto_state_save(l->place->windows, &l->state, l->now, err);
    return rc == 0 ? history_record(&l->history, change, count, err) : rc;
}

/* A window that was recorded did not open, it was said: forget it, unless it did. It is
 * looked for in the file, as an error may come when that is in its place already. */
static void
take_back(look *l)
{
    const auto_window own = l->state.row[l->state.count - 1];
    ndr_window_table *windows = NULL;
    auto_state now;
    int lock;
    if (auto_state_lock(l->place->windows, true, WAIT_MS, &lock, NULL) != 0)
        return;
    bool gone = ndr_windows_load(&l->place->windows, 1, NULL, &windows, NULL) == 0;
    if (gone) {
        const ndr_window *w = find_window(windows, &own);
        gone = w == NULL || w->until <= l->now;
    }
    if (gone && auto_state_load(l->place->windows, &now, NULL) == 0) {
        if (auto_state_forget(&now, &own)) /* else it was not even written */
            (void)auto_state_save(l->place->windows, &now, l->now, NULL);
        auto_state_free(&l->state);
        l->state = now;
    }
    ndr_window_table_free(windows);
    if (lock >= 0)
        (void)close(lock); /* and so unlocks */
}

static int
open_window(look *l, const auto_storm *c, ndr_error *err)
{
    const int64_t earliest = l->now - AUTO_BACK_S;
    ndr_buffer note = {0};
    ndr_buffer_text(&note, "by itself: ");
    auto_alarm_words(&note, &c->at);
    ndr_buffer_byte(&note, '\0');
    if (note.failed) {
        ndr_buffer_free(&note);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    l->opening = c;
    l->recorded = false;
    l->history.note = (const char *)note.ptr;
    const ndr_windows_folder folder = {NDR_SIZED(ndr_windows_folder),
                                       .dir = l->place->windows, .wait_ms = WAIT_MS,
                                       .record = record, .ctx = l};
    const ndr_window w = {.domain = ndr_slice_of(c->domain),
                          .from = c->at.began > earliest ? c->at.began : earliest,
                          .until = l->now + AUTO_LONGEST_S,
                          .until_calm = true,
                          .delegated = true, /* the domain's own people may end it */
                          .take = c->listed->take,
                          .note = ndr_slice_of((const char *)note.ptr)};
    const int rc = ndr_windows_block(&folder, &w, 1, err);
    if (rc != 0 && l->recorded)
        take_back(l);
    /* here, as `windows` was read before it was there, and lacks its note */
    if (rc == 0 && l->recorded)
        auto_tell_window(&l->a->teller, &l->state.row[l->state.count - 1], &w, &c->at,
                         l->now);
    l->history.note = "";
    ndr_buffer_free(&note);
    return rc;
}

/* Open what may open, the smallest first. */
static int
open_windows(look *l, ndr_error *err)
{
    int rc = auto_storms_line_up(&l->storms, l->history.path, l->now, err);
    for (size_t i = 0; i < l->storms.count && rc == 0; i++) {
        const auto_storm *c = &l->storms.row[i];
        auto_facts f;
        if (is_blocked(l, c->domain))
            continue;
        if (c->listed == NULL) {
            auto_tell_storm(&l->a->teller, c->domain, &c->at, l->now);
            continue;
        }
        gather(l, c, &f);
        const enum auto_brake brake = auto_brake_of(&f);
        l->held += brake != AUTO_GO;
        if (brake != AUTO_GO)
            auto_tell_held(&l->a->teller, c->domain, &c->at, brake, l->now);
        if (auto_brake_is_operators(brake))
            auto_tell_storm(&l->a->teller, c->domain, &c->at, l->now);
        if (brake == AUTO_GO)
            rc = open_window(l, c, err);
    }
    return rc;
}

/* ---- a look -------------------------------------------------------------------------
 */

/* The windows and which of them opened themselves, of one moment: else one that opens or
 * ends just then would pass for one that somebody ended. */
static int
load_windows(look *l, ndr_error *err)
{
    int lock;
    int rc = auto_state_lock(l->place->windows, false, WAIT_MS, &lock, err);
    if (rc != 0)
        return rc;
    rc = ndr_windows_load(l->place->all, l->place->all_count, NULL, &l->windows, err);
    if (rc == 0)
        rc = auto_state_load(l->place->windows, &l->state, err);
    if (lock >= 0)
        (void)close(lock); /* and so unlocks */
    return rc;
}

static int
load(look *l, ndr_error *err)
{
    int rc = ndr_counts_view_open(l->place->stats, &l->view, err);
    if (rc != 0)
        return rc;
    l->fresh = ndr_counts_view_fresh(l->view);
    l->begin = ndr_counts_view_begin(l->view);
    rc = windows_place(l->place->windows, err);
    if (rc < 0) /* it is gone, or not mounted: what is open is not known */
        return rc;
    rc = auto_in_force_look(&l->a->in_force, l->place->windows, err);
    if (rc == 0)
        rc = load_windows(l, err);
    if (rc == 0)
        rc = history_begin(&l->history, l->place->windows, "", l->now, err);
    (void)snprintf(l->history.who, sizeof l->history.who, "%s", AUTO_WHO);
    l->history.folder = l->place->windows;
    if (rc == 0 && l->place->identity != NULL && l->a->o.list != NULL) {
        ndr_error own = {0};
        rc = ndr_identity_load(l->place->identity, NULL, NULL, &l->identity, &own);
        if (rc == NDR_E_SYS && own.sys_errno == ENOENT)
            rc = 0;
        else if (rc != 0 && err != NULL)
            *err = own;
    }
    return rc;
}

static void
tell_many(const look *l)
{
    char names[NAMES_BYTES] = "";
    size_t at = 0;
    if (l->storms.count < MANY_DOMAINS)
        return;
    for (size_t i = 0; i < l->storms.count && at + 260 < sizeof names; i++)
        at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", i > 0 ? ", " : "",
                               l->storms.row[i].domain);
    auto_tell_many(&l->a->teller, l->storms.count, names, l->now);
}

static void
tell_window(const look *l, const auto_window *own)
{
    auto_tell_window(&l->a->teller, own,
                     l->windows != NULL ? find_window(l->windows, own) : NULL, NULL,
                     l->now);
}

static void
put_metrics(const look *l, bool trouble)
{
    auto_watch *a = l->a;
    ndr_error err = {0};
    auto_metrics m = {.now = l->now,
                      .fresh = l->view != NULL ? l->fresh : NDR_TIME_UNKNOWN,
                      .storms = l->storms.count,
                      .most = a->o.at_once,
                      .held = l->held,
                      .listed = a->in_force.list.count,
                      .trouble = trouble,
                      .events = a->o.events};
    if (a->o.metrics == NULL)
        return;
    for (size_t i = 0; i < l->state.count; i++) {
        m.open += l->state.row[i].ended == NDR_TIME_OPEN;
        m.day += l->now - l->state.row[i].opened < AUTO_DAY_S;
    }
    const bool good = auto_metrics_write(&m, a->o.metrics, &err) == 0;
    if (!good && !a->metrics_trouble)
        diag("%s", err.text);
    a->metrics_trouble = !good;
}

static void
unload(look *l)
{
    auto_state_free(&l->a->before);
    l->a->before = l->state;
    ndr_window_table_free(l->windows);
    ndr_identity_free(l->identity);
    ndr_counts_view_close(l->view);
    auto_storms_free(&l->storms);
}

void
auto_watch_look(auto_watch *a, const auto_place *place, int64_t now)
{
    look l = {.a = a, .place = place, .now = now};
    ndr_error err = {0};
    a->teller.left = AUTO_TELL_MOST;
    look_at_clock(a, now);
    int rc = load(&l, &err);
    const bool loaded = rc == 0;
    if (loaded) {
        find_ends(&l);
        rc = auto_storms_find(l.view, &a->in_force.list, now, &l.storms, &err);
    }
    if (rc == 0) {
        tell_many(&l);
        rc = open_windows(&l, &err);
    }
    for (size_t i = 0; i < l.state.count; i++)
        tell_window(&l, &l.state.row[i]);
    const int64_t daily = a->o.daily ? auto_daily_at(a->o.daily_minute, now) : 0;
    if (rc == 0 && a->o.daily && now - daily < DAILY_S)
        rc =
            auto_daily_tell(&a->teller, l.view, &a->in_force.list, &l.state, daily, &err);
    if (a->in_force.list.count > 0 && rc == 0 && now - l.fresh > AUTO_FRESH_S)
        auto_tell_trouble(&a->teller, EVENT_STATISTICS, auto_brake_words(AUTO_STALE),
                          now);
    if (rc != 0 && !(rc == NDR_E_SYS && err.sys_errno == ENOENT && l.view == NULL))
        auto_tell_trouble(&a->teller, EVENT_TROUBLE, err.text, now);
    if (loaded)
        auto_in_force_tell(&a->in_force, place->windows, l.identity, a->o.dry, now);
    put_metrics(&l, rc != 0);
    unload(&l);
}
