/* SPDX-License-Identifier: BSD-3-Clause */
/* log_in.c - how does a session begin and end? */
#define _GNU_SOURCE /* explicit_bzero */
#include "log_in.h"

#include "customer_page.h"
#include "ndr_clock.h"
#include "ndr_hash.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char html[] = "text/html; charset=utf-8";

void
log_in_page(const console *c, const char *up, enum lang lang, const char *words,
            web_reply *ret)
{
    ret->type = html;
    if (c->admins == NULL)
        page_login(&ret->body, up, words[0] != '\0' ? words : NULL);
    else
        customer_login(&ret->body, up, lang, words);
}

static void
wrong(const console *c, enum lang lang, enum word word, web_reply *ret)
{
    ndr_buffer words = {0};
    say(&words, lang, word, NULL, NULL);
    ndr_buffer_byte(&words, '\0');
    log_in_page(c, "", lang, words.failed ? "" : (const char *)words.ptr, ret);
    ndr_buffer_free(&words);
}

static void
wait_first(const console *c, enum lang lang, int64_t ms, web_reply *ret)
{
    const int64_t seconds = (ms + 999) / 1000;
    ndr_buffer words = {0};
    say_number(&words, lang, W_LOGIN_WAIT, (uint64_t)seconds, NULL);
    ndr_buffer_byte(&words, '\0');
    log_in_page(c, "", lang, words.failed ? "" : (const char *)words.ptr, ret);
    ndr_buffer_free(&words);
    ret->status = 429;
    ret->retry_seconds = (int)seconds;
}

static void
enter(const console *c, const caller *who, const session *s, web_reply *ret)
{
    *ret = (web_reply){.status = 303};
    (void)snprintf(ret->location, sizeof ret->location, "./");
    caller_cookie(c, who, s, ret);
}

/* By the token, or by what should have been it. */
static void
by_token(console *c, const caller *who, const char *token, int64_t now, web_reply *ret)
{
    const char *peer = who->from.address;
    const bool limited = sessions_limited(&c->sessions, peer, now);
    session *s = sessions_login(&c->sessions, token, peer, now);
    caller in = *who;
    in.session = s;
    if (s != NULL || !limited)
        caller_tell(c, &in, s != NULL ? "log-in" : "wrong token", NULL, NULL);
    if (s != NULL) {
        enter(c, who, s, ret);
        return;
    }
    ret->status = limited ? 429 : 401;
    ret->retry_seconds = limited ? 60 : 0;
    if (c->admins == NULL)
        log_in_page(c, "", who->lang,
                    limited ? "Too many wrong tokens. Wait a minute."
                            : "This is not the token.",
                    ret);
    else if (limited)
        wait_first(c, who->lang, 60000, ret);
    else
        wrong(c, who->lang, W_LOGIN_WRONG, ret);
}

/* A hash to compare with for a name that has none: always the same one for a name, and as
 * dear as those of people. */
static const char *
decoy(const console *c, const ndr_admins *all, const char *name)
{
    size_t count = 0;
    const ndr_admin *row = ndr_admins_rows(all, &count);
    const uint64_t at = ndr_hash(ndr_slice_of(name), c->delays->seed);
    for (size_t i = 0; i < count; i++) {
        const ndr_admin *a = &row[(at + i) % count];
        if (a->password != NULL)
            return a->password;
    }
    return c->decoy;
}

static struct pending *
find_pending(console *c, uint64_t ticket)
{
    for (size_t i = 0; i < PENDING_MAX; i++)
        if (c->pending[i].ticket == ticket)
            return &c->pending[i];
    return NULL;
}

static void
by_password(console *c, const web_request *q, const caller *who, const request_body *w,
            int64_t now, web_reply *ret)
{
    const ndr_admins *all = ndr_admins_now(c->admins, ndr_now_ms());
    const ndr_admin *a = ndr_admins_find(all, w->name);
    char known[KNOWN_BYTES] = "";
    if (!caller_known(c, who, q, known) ||
        !known_browser_is(c->known_key, w->name, known, now))
        known[0] = '\0';
    const login_try t = {w->name, who->from.address, known[0] != '\0' ? known : NULL};
    const int64_t wait = login_delays_take(c->delays, &t, ndr_now_ms());
    if (wait > 0) {
        wait_first(c, who->lang, wait, ret);
        return;
    }
    const bool has = a != NULL && a->password != NULL;
    struct pending *p = find_pending(c, 0);
    if (p == NULL ||
        !worker_ask(c->passwords, q->ticket, has ? a->password : decoy(c, all, w->name),
                    w->password)) {
        ret->status = 503;
        ret->retry_seconds = 2;
        wrong(c, who->lang, W_LOGIN_BUSY, ret);
        return;
    }
    *p = (struct pending){.ticket = q->ticket,
                          .generation = has ? a->generation : 0,
                          .from = who->from,
                          .secure = who->secure,
                          .lang = (int)who->lang};
    memcpy(p->peer, who->peer, sizeof p->peer);
    (void)snprintf(p->name, sizeof p->name, "%s", has ? a->name : "");
    (void)snprintf(p->typed, sizeof p->typed, "%s", w->name);
    (void)snprintf(p->known, sizeof p->known, "%s", known);
    ret->later = true;
}

void
log_in(console *c, const web_request *q, const caller *who, const request_body *w,
       int64_t now, web_reply *ret)
{
    const char *token = w->token[0] != '\0' ? w->token : w->password;
    if (c->admins == NULL || w->token[0] != '\0' || w->name[0] == '\0' ||
        c->sessions.is_token(c->sessions.ctx, token))
        by_token(c, who, token, now, ret);
    else
        by_password(c, q, who, w, now, ret);
}

static void
take_answer(void *ctx, uint64_t ticket, bool good, bool failed)
{
    console *c = ctx;
    const int64_t now = (int64_t)time(NULL);
    struct pending *p = find_pending(c, ticket);
    web_reply ret = {.status = 401};
    if (p == NULL)
        return;
    caller who = {.from = p->from, .secure = p->secure, .lang = (enum lang)p->lang};
    const login_try t = {p->typed, p->from.address,
                         p->known[0] != '\0' ? p->known : NULL};
    const ndr_admin *a =
        ndr_admins_find(ndr_admins_now(c->admins, ndr_now_ms()), p->name);
    session *s = NULL;
    memcpy(who.peer, p->peer, sizeof who.peer);
    /* rights that changed meanwhile are another person's */
    if (good && a != NULL && a->generation == p->generation)
        s = sessions_open(&c->sessions, a->name, a->generation, WAY_PASSWORD, now);
    who.session = s;
    who.person = a; /* of a name that somebody has; others are not written down */
    if (!failed && a != NULL)
        caller_tell(c, &who, s != NULL ? "log-in" : "wrong password", NULL, NULL);
    if (s != NULL) {
        login_delays_right(c->delays, &t);
        enter(c, &who, s, &ret);
        caller_remember(c, p->secure, a->name, now, &ret);
    } else if (failed || (good && p->name[0] != '\0')) {
        ret.status = 503;
        ret.retry_seconds = 2;
        wrong(c, who.lang, W_LOGIN_BUSY, &ret);
    } else {
        wrong(c, who.lang, W_LOGIN_WRONG, &ret);
    }
    server_answer(c->server, ticket, &ret);
    *p = (struct pending){0};
}

void
log_in_run(console *c)
{
    worker_run(c->passwords, take_answer, c);
}

void
log_out(console *c, const caller *who, web_reply *ret)
{
    const bool by_proxy = who->session != NULL && who->session->way == WAY_PROXY;
    caller_tell(c, who, "log-out", NULL, NULL);
    if (who->session != NULL)
        sessions_logout(who->session);
    ret->status = 303;
    (void)snprintf(ret->location, sizeof ret->location, "%s",
                   by_proxy && c->proxy_logout != NULL ? c->proxy_logout : "./");
    caller_cookie(c, who, NULL, ret);
}
