/* SPDX-License-Identifier: BSD-3-Clause */
/* answer.c - which request gets which answer? */
#define _GNU_SOURCE /* explicit_bzero */
#include "caller.h"

#include "app/diag.h"
#include "app/html_text.h"
#include "assets.h"
#include "customer.h"
#include "log_in.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 50 }; /* domains on a page, if nobody asks for more */

static const char html[] = "text/html; charset=utf-8";

/* ---- pages ------------------------------------------------------------------------ */

static page_frame
frame_of(console *c, const web_request *q, session *who)
{
    const char *hours = q->query(q, "hours");
    const char *rows = q->query(q, "rows");
    const long h = hours != NULL ? strtol(hours, NULL, 10) : 24;
    const long r = rows != NULL ? strtol(rows, NULL, 10) : ROWS;
    return (page_frame){
        .host = c->host,
        .session = who,
        .mail = c->mail_count > 0,
        .hours = h < 1         ? 24
                 : h > 14 * 24 ? 14 * 24
                               : (unsigned)h,
        .rows = r < 1        ? ROWS
                : r > 100000 ? 100000
                             : (size_t)r,
        .undo = c->undo,
        .undo_count = UNDO_KEPT,
        .people = c->people,
    };
}

static void
redirect(web_reply *ret, const char *where)
{
    ret->status = 303;
    (void)snprintf(ret->location, sizeof ret->location, "%s", where);
}

/* To the operator's list as it was. */
static void
redirect_to_list(web_reply *ret, const request_body *w)
{
    redirect(ret, "./");
    if (w->hours > 0 && w->rows > 0)
        (void)snprintf(ret->location, sizeof ret->location,
                       "./?hours=%" PRIu64 "&rows=%" PRIu64, w->hours, w->rows);
}

static void
words_page(const web_request *q, web_reply *ret, int status, const char *title,
           const char *words)
{
    ret->status = status;
    ret->type = html;
    page_words(&ret->body, page_up(q->path), title, words);
}

static void
send_asset(const web_request *q, web_reply *ret)
{
    const char *name = q->path + strlen("/assets/");
    for (const asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->name, name) == 0) {
            *ret = (web_reply){
                .status = 200, .type = a->type, .fixed = a->bytes, .keep = true};
            return;
        }
    ret->status = 404;
}

/* ---- GET -------------------------------------------------------------------------- */

/* What the journal says can still be undone of what rows were started; the others are
 * forgotten. A journal that cannot be read offers nothing. False: it is asked, and the
 * request comes again. */
static bool
check_undo(console *c, const route_call *call, web_reply *ret)
{
    runs all = {0};
    ndr_error err = {0};
    bool any = false;
    for (size_t i = 0; i < UNDO_KEPT; i++)
        any |= c->undo[i].run[0] != '\0';
    const int rc = any ? console_runs(c, call, &(mover_for){0}, &all, ret, &err) : 0;
    if (rc == WAIT_LATER)
        return false;
    if (rc != 0)
        diag("%s", err.text);
    for (size_t i = 0; any && i < UNDO_KEPT; i++) {
        row_run *r = &c->undo[i];
        const run_row *run = runs_find(&all, r->run);
        r->can = run != NULL && run_can_undo(run);
        if (run == NULL)
            continue;
        r->row = *run;
        if (!r->can)
            *r = (row_run){0};
    }
    runs_free(&all);
    return true;
}

/* ---- what a route does --------------------------------------------------------------
 */

static void
get_domains(console *c, const route_call *r, web_reply *ret)
{
    if (!check_undo(c, r, ret))
        return;
    const page_frame f = frame_of(c, r->q, r->who->session);
    ret->type = html;
    page_domains(&ret->body, &f, c->snapshot);
}

/* The number of a page that is asked for; what is none asks for the first. */
static size_t
page_of(const web_request *q, const char *name)
{
    const char *text = q->query(q, name);
    const unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 1;
    return n >= 1 && n <= HISTORY_PAGES_MOST ? n : 1;
}

static void
get_history(console *c, const route_call *r, web_reply *ret)
{
    const page_frame f = frame_of(c, r->q, r->who->session);
    runs all = {0};
    ndr_error err = {0};
    const int rc = console_runs(c, r, &(mover_for){0}, &all, ret, &err);
    if (rc == WAIT_LATER)
        return;
    ret->type = html;
    page_history(&ret->body, &f, rc == 0 ? &all : NULL, err.text, c->access.path,
                 (history_pages){page_of(r->q, "moves"), page_of(r->q, "windows"),
                                 page_of(r->q, "access")});
    runs_free(&all);
}

static void
get_login(console *c, const route_call *r, web_reply *ret)
{
    (void)c;
    (void)r;
    redirect(ret, "./"); /* read anew behind a wrong token */
}

static void
get_openapi(console *c, const route_call *r, web_reply *ret)
{
    (void)c;
    (void)r;
    for (const asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->name, "openapi.json") == 0) {
            ret->type = a->type;
            ret->fixed = a->bytes;
        }
}

/* The switch without the page's script. */
static void
post_windows(console *c, const route_call *r, web_reply *ret)
{
    ndr_error err = {0};
    if (!console_is_again(c, r) && !session_form_take(r->who->session, r->w->once)) {
        words_page(r->q, ret, 403, "This form was used already",
                   "It was sent twice, or comes from a page that is old. Nothing was "
                   "changed by it now.");
        return;
    }
    const int rc = console_switch(c, r->w, r, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc != 0)
        words_page(r->q, ret, 400, "Nothing was changed", err.text);
    else
        redirect_to_list(ret, r->w);
}

static void
post_logout(console *c, const route_call *r, web_reply *ret)
{
    log_out(c, r->who, ret);
}

/* ---- routes -------------------------------------------------------------------------
 */

/* Who may ask: the operator's browser, the operator's programs, people of the file, and
 * their programs that read numbers. */
enum { OPERATOR = 1, PROGRAM = 2, PERSON = 4, SCRAPER = 8 };

/*
 * All that may be asked for; what is not here is not there. Of a route about a domain the
 * handler is called only for who holds it, in a role that may. tests/console/routes.py
 * reads this table, and wants a row of its own for each.
 */
static const struct route {
    const char *method, *path; /* a path that ends in / has something behind it */
    unsigned for_whom;
    enum ndr_act act;
    enum { NO_DOMAIN, QUERY_DOMAIN, BODY_DOMAIN } about;
    void (*answer)(console *c, const route_call *r, web_reply *ret);
} routes[] = {
    {"GET", "/", OPERATOR, NDR_ACT_LOOK, NO_DOMAIN, get_domains},
    {"GET", "/", PERSON, NDR_ACT_LOOK, NO_DOMAIN, customer_get_top},
    {"GET", "/domain", OPERATOR | PERSON, NDR_ACT_LOOK, QUERY_DOMAIN,
     customer_get_domain},
    {"GET", "/job", OPERATOR | PERSON, NDR_ACT_LOOK, NO_DOMAIN, customer_get_job},
    {"GET", "/history", OPERATOR, NDR_ACT_LOOK, NO_DOMAIN, get_history},
    {"GET", "/login", OPERATOR | PERSON, NDR_ACT_LOOK, NO_DOMAIN, get_login},
    {"POST", "/preview", OPERATOR | PERSON, NDR_ACT_PREVIEW, BODY_DOMAIN,
     customer_post_preview},
    {"POST", "/block", OPERATOR | PERSON, NDR_ACT_SWITCH, BODY_DOMAIN,
     customer_post_block},
    {"POST", "/unblock", OPERATOR | PERSON, NDR_ACT_SWITCH, BODY_DOMAIN,
     customer_post_unblock},
    {"POST", "/auto", OPERATOR | PERSON, NDR_ACT_SWITCH, BODY_DOMAIN, customer_post_auto},
    {"POST", "/undo", OPERATOR | PERSON, NDR_ACT_UNDO, BODY_DOMAIN, customer_post_undo},
    {"POST", "/windows", OPERATOR, NDR_ACT_SWITCH, NO_DOMAIN, post_windows},
    {"POST", "/logout", OPERATOR | PERSON, NDR_ACT_LOOK, NO_DOMAIN, post_logout},
    {"GET", "/api/domains", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_domains},
    {"GET", "/api/series", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_series},
    {"GET", "/api/runs", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_runs},
    {"GET", "/api/history", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_history},
    {"GET", "/api/openapi.json", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN,
     get_openapi},
    {"GET", "/api/jobs/", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_job},
    {"GET", "/metrics", OPERATOR | PROGRAM, NDR_ACT_LOOK, NO_DOMAIN, api_metrics},
    {"GET", "/metrics", SCRAPER, NDR_ACT_LOOK, NO_DOMAIN, api_metrics},
    {"POST", "/api/windows", OPERATOR | PROGRAM, NDR_ACT_SWITCH, NO_DOMAIN, api_windows},
    {"POST", "/api/preview", OPERATOR | PROGRAM, NDR_ACT_PREVIEW, NO_DOMAIN, api_preview},
    {"POST", "/api/apply", OPERATOR | PROGRAM, NDR_ACT_APPLY, NO_DOMAIN, api_apply},
    {"POST", "/api/undo", OPERATOR | PROGRAM, NDR_ACT_UNDO, NO_DOMAIN, api_undo},
};

static bool
begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

static const struct route *
find_route(const web_request *q, unsigned who)
{
    const bool post = strcmp(q->method, "POST") == 0; /* HEAD is a GET */
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const struct route *r = &routes[i];
        const size_t n = strlen(r->path);
        if ((r->for_whom & who) != 0 && (strcmp(r->method, "POST") == 0) == post &&
            (n > 1 && r->path[n - 1] == '/' ? begins(q->path, r->path)
                                            : strcmp(q->path, r->path) == 0))
            return r;
    }
    return NULL;
}

/* Nothing of this name, or nothing for who asks: the same for both. */
static void
nothing_here(const route_call *r, unsigned who, web_reply *ret)
{
    const bool api = begins(r->q->path, "/api/") || who == PROGRAM || who == SCRAPER;
    if (who == PERSON && !api)
        customer_gone(r, ret);
    else if (api && who == PROGRAM && !begins(r->q->path, "/api/"))
        api_error(ret, 403, "pages are for browsers: log in, or use /api/");
    else if (api)
        api_error(ret, 404, "nothing here; GET /api/openapi.json tells what there is");
    else
        words_page(r->q, ret, 404, "Nothing here", "There is no page of this name.");
}

/* The domain that a route is about, in A-labels. False: none, or none of the person's. */
static bool
find_domain(const struct route *r, route_call *call, char room[256])
{
    const char *said =
        r->about == QUERY_DOMAIN ? call->q->query(call->q, "name") : call->w->domain;
    if (r->about == NO_DOMAIN)
        return true;
    if (said == NULL || ndr_domain_to_ascii(said, room, NULL) != 0)
        return false;
    call->domain = room;
    return call->who->person == NULL ||
           ndr_domain_set_holds(&call->who->person->domains, ndr_slice_of(room), false);
}

static void
dispatch(console *c, const web_request *q, const caller *who, const request_body *w,
         web_reply *ret)
{
    char domain[256] = "";
    route_call call = {.q = q, .who = who, .w = w, .domain = ""};
    const unsigned whose = who->person != NULL ? (who->session != NULL ? PERSON : SCRAPER)
                           : who->session != NULL ? OPERATOR
                                                  : PROGRAM;
    const struct route *r = find_route(q, whose);
    ret->status = 200;
    bool denied = false;
    if (r == NULL) {
        nothing_here(&call, whose, ret);
        denied = who->person != NULL;
    } else if (!find_domain(r, &call, domain)) {
        customer_gone(&call, ret);
        denied = who->person != NULL;
    } else if (who->person != NULL && !ndr_role_may(who->person->role, r->act)) {
        customer_say(&call, 403, W_E_ROLE, NULL, ret);
        denied = true;
    } else {
        r->answer(c, &call, ret);
    }
    if (denied)
        caller_tell(c, who, "denied", domain, q->path);
    if (who->fresh && ret->cookie[0] == '\0')
        caller_cookie(c, who, who->session, ret);
}

/* ---- all ----------------------------------------------------------------------------
 */

/* Refused: as a page to browsers, as JSON to programs. */
static void
refuse(const console *c, const web_request *q, const caller *a, web_reply *ret)
{
    const char *accept = q->field(q, "Accept");
    const bool page = accept != NULL && strstr(accept, "text/html") != NULL &&
                      !begins(q->path, "/api/") && strcmp(q->path, "/metrics") != 0;
    const route_call call = {.q = q, .who = a, .domain = ""};
    if (a->status == 429)
        ret->retry_seconds = 60;
    if (!page) {
        api_error(ret, a->status, a->words);
    } else if (a->status == 401) {
        ret->status = 401;
        log_in_page(c, page_up(q->path), a->lang, "", ret);
    } else if (a->status == 403 && a->from.person[0] != '\0' && c->admins != NULL &&
               strcmp(q->method, "POST") != 0) {
        ndr_buffer name = {0};
        html_text(&name, ndr_slice_of(a->from.person));
        ndr_buffer_byte(&name, '\0');
        customer_say(&call, 403, W_NO_ACCESS, name.failed ? "" : (const char *)name.ptr,
                     ret);
        ndr_buffer_free(&name);
    } else {
        words_page(q, ret, a->status, "Not done", a->words);
    }
}

static void
answer(console *c, const web_request *q, web_reply *ret)
{
    const int64_t now = (int64_t)time(NULL);
    const bool post = strcmp(q->method, "POST") == 0;
    request_body w = {0};
    ndr_error err = {0};
    const guard_request g = {
        .method = q->method,
        .path = q->path,
        .host = q->field(q, "Host"),
        .origin = q->field(q, "Origin"),
        .fetch_site = q->field(q, "Sec-Fetch-Site"),
    };
    const guard_answer a = guard_origin(&c->hosts, &g);
    if (a.status != 0) {
        const caller nobody = {.status = a.status, .words = a.words};
        refuse(c, q, &nobody, ret);
        return;
    }
    if (!post && strcmp(q->method, "GET") != 0 && strcmp(q->method, "HEAD") != 0) {
        api_error(ret, 405, "GET and POST only");
        return;
    }
    if (!post && begins(q->path, "/assets/")) { /* the login page needs them */
        send_asset(q, ret);
        return;
    }
    if (post && request_body_read(q->field(q, "Content-Type"), q->body, &w, &err) != 0) {
        api_error(ret, 400, err.text);
        return;
    }
    const bool logs_in = post && strcmp(q->path, "/login") == 0;
    const caller who =
        logs_in ? caller_way(c, q) : caller_find(c, q, post ? &w : NULL, now);
    if (who.status != 0)
        refuse(c, q, &who, ret);
    else if (logs_in)
        log_in(c, q, &who, &w, now, ret);
    else
        dispatch(c, q, &who, &w, ret);
    explicit_bzero(w.password, sizeof w.password);
}

void
console_answer(void *ctx, const web_request *q, web_reply *ret)
{
    console *c = ctx;
    web_request here = *q;
    here.path = guard_path(&c->hosts, q->field(q, "Host"), q->path);
    (void)pthread_mutex_lock(&c->mu); /* the snapshot stays while it is read */
    answer(c, &here, ret);
    (void)pthread_mutex_unlock(&c->mu);
    if (!ret->later)
        waits_end(&c->waits, waits_find(&c->waits, q->ticket));
}
