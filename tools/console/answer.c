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

/* From the path that was asked for up to the page's top, wherever a proxy has it: "" or
 * "../" for each folder of the path. */
static const char *
way_up(const char *path)
{
    static const char far[] = "../../../../../../../../";
    size_t folders = 0;
    for (const char *p = path + (path[0] == '/'); (p = strchr(p, '/')) != NULL; p++)
        folders++;
    const size_t most = (sizeof far - 1) / 3;
    return far + 3 * (most - (folders < most ? folders : most));
}

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
words_page(const web_request *q, web_reply *ret, int status, const char *title,
           const char *words)
{
    ret->status = status;
    ret->type = html;
    page_words(&ret->body, way_up(q->path), title, words);
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

/* No Path: the browser then keeps it to the folder of the page's, wherever that is. */
static void
set_cookie(web_reply *ret, const char *name, bool secure, int seconds)
{
    (void)snprintf(ret->cookie, sizeof ret->cookie,
                   "ndrscan=%s; HttpOnly; SameSite=Strict; Max-Age=%d%s", name, seconds,
                   secure ? "; Secure" : "");
}

static void
login(console *c, const web_request *q, const request_body *w, int64_t now, bool secure,
      web_reply *ret)
{
    ret->type = html;
    const bool limited = sessions_limited(&c->sessions, q->peer, now);
    const session *s = sessions_login(&c->sessions, w->token, q->peer, now);
    if (s == NULL && limited) {
        ret->status = 429;
        ret->retry_seconds = 60;
        page_login(&ret->body, "", "Too many wrong tokens. Wait a minute.");
        return;
    }
    if (s == NULL) {
        ret->status = 401;
        page_login(&ret->body, "", "This is not the token.");
        return;
    }
    ret->type = NULL;
    redirect(ret, "./");
    set_cookie(ret, s->name, secure, SESSION_SECONDS);
}

static void
logout(session *s, web_reply *ret)
{
    if (s != NULL)
        sessions_logout(s);
    redirect(ret, "./");
    set_cookie(ret, "", false, 0);
}

/* ---- GET -------------------------------------------------------------------------- */

/* What the journal says can still be undone of what rows were started; the others are
 * forgotten. A journal that cannot be read offers nothing. */
static void
check_undo(console *c)
{
    runs all = {0};
    ndr_error err = {0};
    bool any = false;
    for (size_t i = 0; i < UNDO_KEPT; i++)
        any |= c->undo[i].run[0] != '\0';
    if (any && runs_read(c->mover, &all, &err) != 0)
        (void)fprintf(stderr, "ndrscan: %s\n", err.text);
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
}

static void
get_domains(console *c, const web_request *q, session *who, web_reply *ret)
{
    check_undo(c);
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
    else if (strcmp(q->path, "/login") == 0)
        redirect(ret, "./"); /* read anew behind a wrong token */
    else
        words_page(q, ret, 404, "Nothing here", "There is no page of this name.");
}

/* ---- POST ------------------------------------------------------------------------- */

/* The switch without the page's script. */
static void
post_windows(console *c, const web_request *q, const guard_answer *who,
             const request_body *w, web_reply *ret)
{
    ndr_error err = {0};
    if (!session_form_take(who->session, w->once)) {
        words_page(q, ret, 403, "This form was used already",
                   "It was sent twice, or comes from a page that is old. Nothing was "
                   "changed by it now.");
        return;
    }
    if (console_switch(c, w, q->peer, &err) != 0)
        words_page(q, ret, 400, "Nothing was changed", err.text);
    else
        redirect(ret, "./");
}

static void
answer_post(console *c, const web_request *q, const guard_answer *who,
            const request_body *w, web_reply *ret)
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
        page_login(&ret->body, way_up(q->path), NULL);
        return;
    }
    words_page(q, ret, a->status, "Not done", a->words);
}

static void
answer(console *c, const web_request *q, web_reply *ret)
{
    const int64_t now = (int64_t)time(NULL);
    const bool post = strcmp(q->method, "POST") == 0;
    request_body w = {0};
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
        .forwarded_proto = q->field(q, "X-Forwarded-Proto"),
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
    if (post && request_body_read(q->field(q, "Content-Type"), q->body, &w, &err) != 0) {
        api_error(ret, 400, err.text);
        return;
    }
    if (post && strcmp(q->path, "/login") == 0) {
        login(c, q, &w, now, guard_is_secure(&c->hosts, &g), ret);
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
    web_request here = *q;
    here.path = guard_path(&c->hosts, q->field(q, "Host"), q->path);
    (void)pthread_mutex_lock(&c->mu); /* the snapshot stays while it is read */
    answer(c, &here, ret);
    (void)pthread_mutex_unlock(&c->mu);
}
