/* SPDX-License-Identifier: BSD-3-Clause */
/* customer_deeds.c - what was done to a domain, as far as its administrator is told? */
#include "customer_deeds.h"

#include "app/diag.h"
#include "app/history.h"
#include "app/history_read.h"
#include "ndr_clock.h"
#include "windows/auto_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct deeds {
    const ndr_admin *who;
    ndr_slice domain;
    customer_deed row[CUSTOMER_DEEDS]; /* of the history, newest first */
    size_t count;
} deeds;

static bool
is_word(ndr_slice text, const char *word)
{
    return ndr_slice_equal(text, ndr_slice_of(word));
}

/* A person by name; the machine; whoever else changed it is the provider. */
static void
take_who(customer_deed *d, const ndr_admin *who, const history_line *line)
{
    const ndr_slice name = line->person;
    d->who = W_WHO_PROVIDER;
    if (is_word(line->who, "console") || is_word(line->who, "watch"))
        d->who = W_WHO_MACHINE;
    if (name.len == 0)
        return;
    (void)snprintf(d->name, sizeof d->name, "%.*s", (int)name.len,
                   (const char *)name.ptr);
    d->who = who != NULL && strcmp(d->name, who->name) == 0 ? W_WHO_YOU : W_COUNT;
}

static int64_t
time_of(ndr_slice text, int64_t otherwise)
{
    char copy[64];
    int64_t at = otherwise;
    if (text.len == 0 || text.len >= sizeof copy)
        return otherwise;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return ndr_timestamp_parse(copy, &at, NULL) == 0 ? at : otherwise;
}

static enum customer_act
what_of(ndr_slice what)
{
    if (is_word(what, HISTORY_AUTO_ON))
        return DEED_AUTO_ON;
    if (is_word(what, HISTORY_AUTO_OFF))
        return DEED_AUTO_OFF;
    return is_word(what, "block") || is_word(what, "blocked") ? DEED_BLOCK : DEED_UNBLOCK;
}

static bool
take_change(void *ctx, const history_line *line)
{
    deeds *all = ctx;
    if (!ndr_slice_equal(line->domain, all->domain))
        return true;
    customer_deed *d = &all->row[all->count++];
    *d = (customer_deed){.what = what_of(line->what),
                         .at = time_of(line->at, 0),
                         .until = time_of(line->until, NDR_TIME_OPEN)};
    take_who(d, all->who, line);
    return all->count < CUSTOMER_DEEDS;
}

/* ---- runs ----------------------------------------------------------------------------
 */

/* What the journal says of a domain's runs, which takes a process to ask: kept until
 * something was moved, or for a while. *ret NULL: it cannot be told now. False: it is
 * asked, and the request comes again. */
static bool
ask_runs(console *c, const route_call *r, const char *domain, const runs **ret_all,
         web_reply *ret)
{
    enum { KEPT_MS = 20000 };
    const ndr_admin *who = r->who->person;
    const int64_t now = ndr_now_ms();
    const uint64_t rights = who != NULL ? who->generation : 0;
    const mover_for whose = {
        .person = who != NULL ? who->name : NULL, .generation = rights, .domain = domain};
    struct known_runs *oldest = &c->known_runs[0];
    ndr_error err = {0};
    runs all;
    *ret_all = NULL;
    for (size_t i = 0; i < KNOWN_RUNS; i++) {
        struct known_runs *k = &c->known_runs[i];
        if (strcmp(k->domain, domain) == 0 && k->rights == rights &&
            k->moved == c->moved && now - k->at_ms < KEPT_MS) {
            *ret_all = &k->all;
            return true;
        }
        if (k->at_ms < oldest->at_ms)
            oldest = k;
    }
    const int rc = console_runs(c, r, &whose, &all, ret, &err);
    if (rc == WAIT_LATER)
        return false;
    if (rc != 0) {
        diag("%s", err.text);
        return true;
    }
    runs_free(&oldest->all);
    *oldest = (struct known_runs){.all = all};
    (void)snprintf(oldest->domain, sizeof oldest->domain, "%s", domain);
    oldest->rights = rights;
    oldest->moved = c->moved;
    oldest->at_ms = now;
    *ret_all = &oldest->all;
    return true;
}

/* The last ones that moved mail of this domain, whoever started them. */
static size_t
take_runs(const runs *all, customer_deed *ret, size_t most)
{
    size_t n = 0;
    for (size_t i = all != NULL ? all->count : 0; i > 0 && n < most; i--) {
        const run_row *r = &all->row[i - 1];
        if (strcmp(r->verb, "apply") == 0 && r->junked + r->released > 0)
            ret[n++] = (customer_deed){
                .at = r->begun, .who = W_COUNT, .what = DEED_RUN, .run = *r};
    }
    return n;
}

static int
newest_first(const void *a, const void *b)
{
    const customer_deed *x = a, *y = b;
    if (x->at == y->at) /* what is moved is moved for the window */
        return (y->what == DEED_RUN) - (x->what == DEED_RUN);
    return x->at > y->at ? -1 : 1;
}

bool
customer_deeds(console *c, const route_call *r, const char *domain,
               customer_deed deed[CUSTOMER_DEEDS], size_t *ret_count, web_reply *ret)
{
    customer_deed all[2 * CUSTOMER_DEEDS];
    deeds changes = {.who = r->who->person, .domain = ndr_slice_of(domain)};
    const history_asked asked = {domain, take_change, &changes};
    history h;
    ndr_error err = {0};
    const runs *moved = NULL;
    if (!ask_runs(c, r, domain, &moved, ret))
        return false;
    if (history_begin(&h, NULL, "", 0, &err) != 0 ||
        history_newest(h.path, &asked, &err) != 0)
        diag("%s", err.text);
    size_t n = changes.count;
    memcpy(all, changes.row, n * sizeof all[0]);
    n += take_runs(moved, all + n, CUSTOMER_DEEDS);
    qsort(all, n, sizeof all[0], newest_first);
    n = n < CUSTOMER_DEEDS ? n : CUSTOMER_DEEDS;
    memcpy(deed, all, n * sizeof all[0]);
    *ret_count = n;
    return true;
}

bool
customer_find_run(console *c, const route_call *r, const char *name, char ret_id[65],
                  web_reply *ret)
{
    customer_deed deed[CUSTOMER_DEEDS];
    size_t n = 0;
    ret_id[0] = '\0';
    if (!customer_deeds(c, r, r->domain, deed, &n, ret))
        return false;
    for (size_t i = 0; i < n; i++) { /* all of them: what is found takes as long */
        secret its;
        customer_run_name(c->run_key, r->who->person, r->domain, deed[i].run.id, its);
        if (deed[i].what == DEED_RUN && secret_equal(its, name))
            memcpy(ret_id, deed[i].run.id, sizeof deed[i].run.id);
    }
    return true;
}
