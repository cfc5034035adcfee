/* SPDX-License-Identifier: BSD-3-Clause */
/* answer.c - which request gets which answer? */
#include "console.h"

#include "assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 50 }; /* domains on a page, if nobody asks for more */

static const char html[] = "text/html; charset=utf-8";

typedef void get_fn(console *c, const web_request *q, web_reply *ret);

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
        .mail = c->mover != NULL,
        .hours = h < 1         ? 24
                 : h > 14 * 24 ? 14 * 24
                               : (unsigned)h,
        .rows = r < 1        ? ROWS
                : r > 100000 ? 100000
                             : (size_t)r,
        .undo = c->undo,
        .undo_count = UNDO_KEPT,
    };
}

static void
redirect(web_reply *ret, const char *where)
{
    ret->status = 303;
    (void)snprintf(ret->location, sizeof ret->location, "%s", where);
}

static void
words_page(web_reply *ret, int status, const char *title, const char *words)
{
    ret->status = status;
    ret->type = html;
    page_words(&ret->body, title, words);
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

/* ---- logging in and out -------------------------------------------------------------
 */

static void
login(console *c, const web_request *q, const wish *w, int64_t now, web_reply *ret)
{
    ret->type = html;
    if (sessions_limited(&c->sessions, q->peer, now)) {
        ret->status = 429;
        ret->retry_seconds = 60;
        page_login(&ret->body, "Too many wrong tokens. Wait a minute.");
        return;
    }
    const session *s = sessions_login(&c->sessions, w->token, q->peer, now);
    if (s == NULL) {
        ret->status = 401;
        page_login(&ret->body, "This is not the token.");
        return;
    }
    ret->type = NULL;
    redirect(ret, "/");
    (void)snprintf(ret->cookie, sizeof ret->cookie,
                   "ndrscan=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d", s->name,
                   SESSION_SECONDS);
}

static void
logout(session *s, web_reply *ret)
{
    if (s != NULL)
        sessions_logout(s);
    redirect(ret, "/");
    (void)snprintf(ret->cookie, sizeof ret->cookie,
                   "ndrscan=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

/* ---- GET -------------------------------------------------------------------------- */

static void
get_domains(console *c, const web_request *q, session *who, web_reply *ret)
{
    const page_frame f = frame_of(c, q, who);
    ret->type = html;
    page_domains(&ret->body, &f, c->snapshot);
}

static void
get_history(console *c, const web_request *q, session *who, web_reply *ret)
{
    const page_frame f = frame_of(c, q, who);
    ret->type = html;
    page_history(&ret->body, &f, c->mover);
}

static void
get_openapi(console *c, const web_request *q, web_reply *ret)
{
    (void)c;
    (void)q;
    for (const asset *a = assets; a->name != NULL; a++)
        if (strcmp(a->name, "openapi.json") == 0) {
            ret->type = a->type;
            ret->fixed = a->bytes;
        }
}

static bool
begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

static void
answer_get(console *c, const web_request *q, const guard_answer *who, web_reply *ret)
{
    static const struct {
        const char *path;
        get_fn *answer;
    } api[] = {
        {"/api/domains", api_domains},
        {"/api/series", api_series},
        {"/api/runs", api_runs},
        {"/api/history", api_history},
        {"/api/openapi.json", get_openapi},
        {"/metrics", api_metrics},
    };
    ret->status = 200;
    for (size_t i = 0; i < sizeof api / sizeof api[0]; i++)
        if (strcmp(q->path, api[i].path) == 0) {
            api[i].answer(c, q, ret);
            return;
        }
    if (begins(q->path, "/api/jobs/"))
        api_job(c, q, ret);
    else if (begins(q->path, "/api/"))
        api_error(ret, 404, "nothing here; GET /api/openapi.json tells what there is");
    else if (who->session == NULL)
        api_error(ret, 403, "pages are for browsers: log in, or use /api/");
    else if (strcmp(q->path, "/") == 0)
        get_domains(c, q, who->session, ret);
    else if (strcmp(q->path, "/history") == 0)
        get_history(c, q, who->session, ret);
    else
        words_page(ret, 404, "Nothing here", "There is no page of this name.");
}

/* ---- POST ------------------------------------------------------------------------- */

/* The switch without the page's script. */
static void
post_windows(console *c, const web_request *q, const guard_answer *who, const wish *w,
             web_reply *ret)
{
    ndr_error err = {0};
    if (!session_form_take(who->session, w->once)) {
        words_page(ret, 403, "This form was used already",
                   "It was sent twice, or comes from a page that is old. Nothing was "
                   "changed by it now.");
        return;
    }
    if (console_switch(c, w, q->peer, &err) != 0)
        words_page(ret, 400, "Nothing was changed", err.text);
    else
        redirect(ret, "/");
}

static void
answer_post(console *c, const web_request *q, const guard_answer *who, const wish *w,
            web_reply *ret)
{
    if (strcmp(q->path, "/windows") == 0 && who->session != NULL)
        post_windows(c, q, who, w, ret);
    else if (strcmp(q->path, "/logout") == 0)
        logout(who->session, ret);
    else if (strcmp(q->path, "/api/windows") == 0)
        api_windows(c, w, q->peer, ret);
    else if (strcmp(q->path, "/api/preview") == 0)
        api_preview(c, w, ret);
    else if (strcmp(q->path, "/api/apply") == 0)
        api_apply(c, w, ret);
    else if (strcmp(q->path, "/api/undo") == 0)
        api_undo(c, w, ret);
    else
        api_error(ret, 404, "nothing here; GET /api/openapi.json tells what there is");
}

/* ---- all ----------------------------------------------------------------------------
 */

/* Refused: as a page to browsers, as JSON to programs. */
static void
refuse(const web_request *q, const guard_answer *a, web_reply *ret)
{
    const char *accept = q->field(q, "Accept");
    const bool page = accept != NULL && strstr(accept, "text/html") != NULL &&
                      !begins(q->path, "/api/") && strcmp(q->path, "/metrics") != 0;
    if (a->status == 429)
        ret->retry_seconds = 60;
    if (!page) {
        api_error(ret, a->status, a->words);
        return;
    }
    if (a->status == 401) {
        ret->status = 401;
        ret->type = html;
        page_login(&ret->body, NULL);
        return;
    }
    words_page(ret, a->status, "Not done", a->words);
}

static void
answer(console *c, const web_request *q, web_reply *ret)
{
    const int64_t now = (int64_t)time(NULL);
    const bool post = strcmp(q->method, "POST") == 0;
    wish w = {0};
    ndr_error err = {0};
    guard_request g = {
        .method = q->method,
        .path = q->path,
        .host = q->field(q, "Host"),
        .origin = q->field(q, "Origin"),
        .fetch_site = q->field(q, "Sec-Fetch-Site"),
        .cookie = q->field(q, "Cookie"),
        .authorization = q->field(q, "Authorization"),
        .form_token = q->field(q, "X-Form-Token"),
        .peer = q->peer,
    };
    guard_answer a = guard_origin(&c->hosts, &g);
    if (a.status != 0) {
        refuse(q, &a, ret);
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
    if (post && wish_read(q->field(q, "Content-Type"), q->body, &w, &err) != 0) {
        api_error(ret, 400, err.text);
        return;
    }
    if (post && strcmp(q->path, "/login") == 0) {
        login(c, q, &w, now, ret);
        return;
    }
    if (g.form_token == NULL)
        g.form_token = w.form;
    a = guard_who(&c->sessions, &g, now);
    if (a.status != 0)
        refuse(q, &a, ret);
    else if (post)
        answer_post(c, q, &a, &w, ret);
    else
        answer_get(c, q, &a, ret);
}

void
console_answer(void *ctx, const web_request *q, web_reply *ret)
{
    console *c = ctx;
    (void)pthread_mutex_lock(&c->mu); /* the snapshot stays while it is read */
    answer(c, q, ret);
    (void)pthread_mutex_unlock(&c->mu);
}
