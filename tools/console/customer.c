/* SPDX-License-Identifier: BSD-3-Clause */
/* customer.c - what does a domain's administrator ask, and what is done about it? */
#include "customer.h"

#include "app/diag.h"
#include "customer_auto.h"
#include "customer_deeds.h"
#include "customer_page.h"
#include "ndr_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char html[] = "text/html; charset=utf-8";
#define NUMBER_WORDS "under the number " /* of mover_job.c, to a person */

static bool
has_one_domain(const ndr_admin *who)
{
    return who != NULL && who->domains.count == 1 && !who->domains.row[0].below;
}

/* Why figures cannot be read is the operator's to know: told once, under a number. */
static void
number_trouble(const snapshot *s, char ret[9])
{
    static char told[9];
    if (s->error[0] == '\0')
        return;
    (void)snprintf(ret, sizeof told, "%08" PRIX32,
                   (uint32_t)ndr_hash(ndr_slice_of(s->error), 1));
    if (strcmp(told, ret) != 0)
        diag("%s (number %s)", s->error, ret);
    memcpy(told, ret, sizeof told);
}

static customer_frame
frame_of(const console *c, const route_call *r)
{
    customer_frame f = {
        .run_key = c->run_key,
        .lang = r->who->lang,
        .session = r->who->session,
        .who = r->who->person,
        .shown = c->snapshot,
        .mail = c->mail_count > 0,
        .one = has_one_domain(r->who->person),
    };
    number_trouble(c->snapshot, f.trouble);
    return f;
}

void
customer_say_more(const route_call *r, int status, enum word words, const char *fill,
                  enum word more, web_reply *ret)
{
    ret->status = status;
    ret->type = html;
    ndr_buffer_clear(&ret->body);
    customer_words(&ret->body, NULL, r->who->lang, page_up(r->q->path), W_E_TITLE, words,
                   fill, more);
}

void
customer_say(const route_call *r, int status, enum word words, const char *fill,
             web_reply *ret)
{
    customer_say_more(r, status, words, fill, W_COUNT, ret);
}

void
customer_gone(const route_call *r, web_reply *ret)
{
    customer_say(r, 404, W_E_GONE, NULL, ret);
}

/* Words of ours are not for customers: they get a number, and the log both. */
void
customer_failed(const route_call *r, const char *why, enum word words, web_reply *ret)
{
    secret number;
    if (secret_new(number, NULL) != 0)
        number[0] = '\0';
    number[number[0] != '\0' ? 8 : 0] = '\0';
    diag("%s, %s: %s (number %s)",
         r->who->person != NULL ? r->who->person->name : "operator", r->domain, why,
         number);
    customer_say(r, 400, words, number, ret);
}

/* ---- looking -------------------------------------------------------------------------
 */

static void
put_domain(console *c, const route_call *r, const char *domain, web_reply *ret)
{
    static const domain_view nothing = {.state = NDR_STATE_QUIET,
                                        .began = NDR_TIME_UNKNOWN,
                                        .calm_since = NDR_TIME_UNKNOWN};
    const customer_frame f = frame_of(c, r);
    domain_view blank = nothing;
    blank.domain = domain;
    const domain_view *found = snapshot_find(c->snapshot, domain);
    customer_deed deed[CUSTOMER_DEEDS];
    size_t deeds = 0;
    if (!customer_deeds(c, r, domain, deed, &deeds, ret))
        return;
    const customer_domain d = {
        .view = found != NULL ? found : &blank,
        .windows = own_windows_of(c->snapshot, r->who->person, domain),
        .autos = customer_auto_of(c->snapshot, c->people, r->who->person, domain),
        .deed = deed,
        .deed_count = deeds,
    };
    ret->status = 200;
    ret->type = html;
    customer_card(&ret->body, &f, &d);
}

void
customer_get_domain(console *c, const route_call *r, web_reply *ret)
{
    put_domain(c, r, r->domain, ret);
}

void
customer_get_top(console *c, const route_call *r, web_reply *ret)
{
    const customer_frame f = frame_of(c, r);
    own_view v;
    const char *word = r->q->query(r->q, "q");
    const char *page = r->q->query(r->q, "page");
    const customer_table t = {
        .word = word != NULL ? word : "",
        .order = customer_order_of(r->q->query(r->q, "sort")),
        .page = page != NULL ? (size_t)strtoul(page, NULL, 10) : 1,
    };
    if (f.one) {
        char domain[256];
        const ndr_slice name = f.who->domains.row[0].domain;
        (void)snprintf(domain, sizeof domain, "%.*s", (int)name.len,
                       (const char *)name.ptr);
        put_domain(c, r, domain, ret);
        return;
    }
    if (!own_view_make(&v, c->snapshot, f.who)) {
        ret->status = 503;
        return;
    }
    ret->status = 200;
    ret->type = html;
    customer_list(&ret->body, &f, &v, &t);
    own_view_free(&v);
}

/* ---- jobs ----------------------------------------------------------------------------
 */

static const struct customer_job *
find_job(const console *c, const route_call *r)
{
    const char *id = r->q->query(r->q, "id");
    const char *name = r->who->person != NULL ? r->who->person->name : "";
    const struct customer_job *found = NULL;
    for (size_t i = 0; i < JOBS_KEPT; i++)
        if (secret_equal(id, c->customer_job[i].key) &&
            strcmp(c->customer_job[i].person, name) == 0)
            found = &c->customer_job[i];
    return found;
}

void
customer_get_job(console *c, const route_call *r, web_reply *ret)
{
    const struct customer_job *mine = find_job(c, r);
    const job *j = mine != NULL ? jobs_find(&c->jobs, mine->job, mine->person) : NULL;
    const customer_frame f = frame_of(c, r);
    char ref[SECRET_CHARS + 1] = "";
    /* it was started with rights that are no longer what they were */
    if (j == NULL ||
        (r->who->person != NULL && (r->who->person->generation != mine->generation ||
                                    !ndr_admin_may(r->who->person, NDR_ACT_LOOK,
                                                   ndr_slice_of(mine->domain), false)))) {
        customer_gone(r, ret);
        return;
    }
    const customer_wish w = {mine->domain, mine->until, mine->since};
    if (j->state == JOB_FAILED) {
        const char *at = strstr(j->error, NUMBER_WORDS); /* the mover's, of its log */
        (void)snprintf(ref, sizeof ref, "%.8s",
                       at != NULL ? at + sizeof NUMBER_WORDS - 1 : mine->key);
        if (!mine->told && at == NULL)
            diag("%s, %s: %s (number %s)",
                 mine->person[0] != '\0' ? mine->person : "operator", mine->domain,
                 j->error, ref);
        c->customer_job[mine - c->customer_job].told = true;
    }
    ret->status = 200;
    ret->type = html;
    customer_job(&ret->body, &f, j, &w, ref);
}

/* Start one and lead to its page. */
static void
start(console *c, const route_call *r, enum mover_what what, const request_body *w,
      web_reply *ret)
{
    ndr_error err = {0};
    const job *j = NULL;
    const ndr_admin *who = r->who->person;
    if (c->mail_count == 0) {
        customer_say(r, 409, W_E_ROLE, NULL, ret);
        return;
    }
    const int rc = console_job(c, who, what, w, &j, &err);
    if (rc == NDR_E_LIMIT) {
        customer_say(r, 409, W_E_BUSY, NULL, ret);
        ret->retry_seconds = 30;
        return;
    }
    if (rc != 0) {
        customer_failed(r, err.text, W_E_FAILED, ret);
        return;
    }
    struct customer_job *mine = &c->customer_job[c->customer_job_at++ % JOBS_KEPT];
    *mine = (struct customer_job){.job = j->id,
                                  .generation = who != NULL ? who->generation : 0};
    if (secret_new(mine->key, &err) != 0) {
        customer_failed(r, err.text, W_E_FAILED, ret);
        return;
    }
    (void)snprintf(mine->person, sizeof mine->person, "%s", who != NULL ? who->name : "");
    (void)snprintf(mine->domain, sizeof mine->domain, "%s", r->domain);
    (void)snprintf(mine->until, sizeof mine->until, "%.15s", r->w->until);
    (void)snprintf(mine->since, sizeof mine->since, "%.15s", r->w->since);
    ret->status = 303;
    (void)snprintf(ret->location, sizeof ret->location, "job?id=%s", mine->key);
}

/* ---- the switch ----------------------------------------------------------------------
 */

/* The form's choices in the words of everybody else. False: none of ours. */
static bool
read_choices(const console *c, const route_call *r, request_body *ret)
{
    static const char *const lengths[] = {"1h", "12h", "2d", "7d"};
    static const struct {
        const char *name;
        int64_t seconds;
    } spans[] = {{"now", 0}, {"day", DAY_S}, {"week", 7 * DAY_S}};
    bool good = false;
    int64_t from = NDR_TIME_UNKNOWN;
    const int64_t now = (int64_t)time(NULL);
    *ret = (request_body){0};
    (void)snprintf(ret->domain, sizeof ret->domain, "%s", r->domain);
    ret->until_calm = good = strcmp(r->w->until, "calm") == 0;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0] && !good; i++)
        if (strcmp(r->w->until, lengths[i]) == 0) {
            (void)snprintf(ret->lasts, sizeof ret->lasts, "%s", lengths[i]);
            good = true;
        }
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
        if (strcmp(r->w->since, spans[i].name) == 0)
            from = now - spans[i].seconds;
    if (strcmp(r->w->since, "began") == 0) {
        const domain_view *v = snapshot_find(c->snapshot, r->domain);
        from = v != NULL && v->began != NDR_TIME_UNKNOWN ? v->began : now;
    }
    if (from == NDR_TIME_UNKNOWN || !good)
        return false;
    if (from != now)
        ndr_time_format(from, ret->from);
    return true;
}

bool
customer_take_form(console *c, const route_call *r, web_reply *ret)
{
    if (console_is_again(c, r)) /* taken when it came */
        return true;
    if (r->who->session != NULL && session_form_take(r->who->session, r->w->once))
        return true;
    customer_say(r, 403, W_E_FORM, NULL, ret);
    return false;
}

void
customer_post_preview(console *c, const route_call *r, web_reply *ret)
{
    request_body w;
    if (!customer_take_form(c, r, ret))
        return;
    if (!read_choices(c, r, &w))
        customer_say(r, 400, W_E_BAD, NULL, ret);
    else
        start(c, r, MOVER_PREVIEW, &w, ret);
}

void
customer_go_back(const route_call *r, web_reply *ret)
{
    ret->status = 303;
    if (r->w->list && r->w->hours > 0 && r->w->rows > 0)
        (void)snprintf(ret->location, sizeof ret->location,
                       "./?hours=%" PRIu64 "&rows=%" PRIu64 "#d-%.255s", r->w->hours,
                       r->w->rows, r->domain);
    else if (r->w->list)
        (void)snprintf(ret->location, sizeof ret->location, "./#d-%.255s", r->domain);
    else if (has_one_domain(r->who->person))
        (void)snprintf(ret->location, sizeof ret->location, "./");
    else
        (void)snprintf(ret->location, sizeof ret->location, "domain?name=%.240s",
                       r->domain);
}

void
customer_post_block(console *c, const route_call *r, web_reply *ret)
{
    request_body w;
    ndr_error err = {0};
    if (!customer_take_form(c, r, ret))
        return;
    if (!read_choices(c, r, &w)) {
        customer_say(r, 400, W_E_BAD, NULL, ret);
        return;
    }
    if (r->w->move && r->who->person != NULL &&
        !ndr_role_may(r->who->person->role, NDR_ACT_APPLY)) {
        customer_say(r, 403, W_E_ROLE, NULL, ret);
        return;
    }
    const int rc = console_switch(c, &w, r, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc != 0)
        customer_failed(r, err.text, W_E_FAILED, ret);
    else if (r->w->move)
        start(c, r, MOVER_APPLY, &w, ret);
    else
        customer_go_back(r, ret);
}

void
customer_post_unblock(console *c, const route_call *r, web_reply *ret)
{
    request_body w = {.end = true};
    ndr_error err = {0};
    if (!customer_take_form(c, r, ret))
        return;
    (void)snprintf(w.domain, sizeof w.domain, "%s", r->domain);
    /* ended already, by its own time or in another tab, is what was wanted */
    int rc = 0;
    if (console_is_again(c, r) ||
        own_windows_of(c->snapshot, r->who->person, r->domain).own != NULL)
        rc = console_switch(c, &w, r, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc == 0)
        customer_go_back(r, ret);
    else
        customer_failed(r, err.text, W_E_FAILED, ret);
}

void
customer_post_undo(console *c, const route_call *r, web_reply *ret)
{
    request_body w = {0};
    if (!customer_take_form(c, r, ret))
        return;
    (void)snprintf(w.domain, sizeof w.domain, "%s", r->domain);
    if (!customer_find_run(c, r, r->w->run, w.run, ret))
        return;
    if (w.run[0] == '\0')
        customer_gone(r, ret); /* another's, or none: nobody learns which */
    else
        start(c, r, MOVER_UNDO, &w, ret);
}
