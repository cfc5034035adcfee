/* SPDX-License-Identifier: BSD-3-Clause */
/* changes.c - what happens when somebody flips a switch, previews, applies or undoes? */
#include "caller.h"

#include "request_body.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    CALM_CAP_S = DAY_S,   /* the longest that a window waits for calm */
    LENGTH_S = 2 * DAY_S, /* of one for which nobody says */
};

/* What the form calls an end, in the words of everybody else. */
static int
take_end(request_body *w, ndr_error *err)
{
    if (strcmp(w->until, "calm") == 0) {
        w->until_calm = true;
        w->until[0] = '\0';
    } else if (strcmp(w->until, "1h") == 0) {
        memcpy(w->lasts, "1h", sizeof "1h");
        w->until[0] = '\0';
    } else if (strcmp(w->until, "tomorrow") == 0) {
        memcpy(w->until, "tomorrow 08:00", sizeof "tomorrow 08:00");
    } else if (strcmp(w->until, "date") == 0) {
        if (w->until_date[0] == '\0')
            return ndr_fail(err, NDR_E_SYNTAX, "no date was given");
        memcpy(w->until, w->until_date, sizeof w->until_date);
    }
    return 0;
}

/* The window that is asked for; `domain` has room for its name. */
static int
take_window(const request_body *asked, int64_t now, ndr_window *ret, char domain[256],
            ndr_error *err)
{
    request_body w = *asked;
    int64_t length = 0;
    *ret = (ndr_window){.kinds = NDR_KINDS_DEFAULT, .from = now};
    int rc = ndr_domain_to_ascii(w.domain, domain, err);
    if (rc == 0)
        rc = take_end(&w, err);
    if (rc == 0 && w.take[0] != '\0' && !ndr_take_find(ndr_slice_of(w.take), &ret->take))
        rc = ndr_fail(err, NDR_E_SYNTAX, "'take' is none of %s, %s, %s",
                      ndr_take_name(NDR_TAKE_ALL), ndr_take_name(NDR_TAKE_NOT_OURS),
                      ndr_take_name(NDR_TAKE_FORGED));
    if (w.from[0] == '\0')
        memcpy(w.from, w.began, sizeof w.began);
    if (rc == 0 && w.from[0] != '\0')
        rc = ndr_when_parse(w.from, NDR_WHEN_PAST, now, &ret->from, err);
    if (rc == 0 && w.lasts[0] != '\0')
        rc = ndr_duration_parse(w.lasts, &length, err);
    if (rc == 0 && length > 0 && w.until[0] != '\0')
        rc = ndr_fail(err, NDR_E_SYNTAX, "'for' and 'until' both say when it ends");
    if (rc != 0)
        return rc;
    const int64_t since = ret->from > now ? ret->from : now;
    ret->until = since + (length > 0 ? length : w.until_calm ? CALM_CAP_S : LENGTH_S);
    if (w.until[0] != '\0' &&
        (rc = ndr_when_parse(w.until, NDR_WHEN_FUTURE, now, &ret->until, err)) != 0)
        return rc;
    if (ret->until <= ret->from)
        return ndr_fail(err, NDR_E_SYNTAX, "it would end before it begins");
    ret->domain = ndr_slice_of(domain);
    ret->until_calm = w.until_calm;
    ret->subdomains = w.subdomains;
    ret->note = ndr_slice_of(asked->note);
    return 0;
}

/* A window alone, as a file of windows. */
static int
put_window(const ndr_window *w, ndr_buffer *out, ndr_error *err)
{
    ndr_buffer_text(out, "windows:\n");
    ndr_window_write(w, 2, out);
    return out->failed ? ndr_fail(err, NDR_E_NOMEM, "out of memory") : 0;
}

/* In whose name the mover is asked. */
static mover_for
for_whom(const route_call *r, const char *domain)
{
    const ndr_admin *who = r->who->person;
    const session *s = r->who->session;
    return (mover_for){.person = who != NULL ? who->name : NULL,
                       .generation = who != NULL ? who->generation : 0,
                       .domain = domain,
                       .way = session_way_name(s != NULL ? s->way : WAY_TOKEN),
                       .peer = r->who->peer,
                       .address = r->who->from.address};
}

/* Ask the mover to. */
static int
ask(console *c, const request_body *w, const route_call *r, int *ret_fd, ndr_error *err)
{
    char domain[256];
    ndr_window window;
    ndr_buffer yaml = {0};
    mover_for whose = for_whom(r, domain);
    if (w->end || strcmp(w->action, "unblock") == 0) {
        const int rc = ndr_domain_to_ascii(w->domain, domain, err);
        return rc != 0 ? rc
                       : mover_ask(c->mover, MOVER_UNBLOCK, &whose, ndr_slice_of(w->note),
                                   ret_fd, err);
    }
    int rc = take_window(w, (int64_t)time(NULL), &window, domain, err);
    if (rc == 0)
        rc = put_window(&window, &yaml, err);
    whose.below = w->subdomains;
    if (rc == 0)
        rc = mover_ask(c->mover, MOVER_BLOCK, &whose, (ndr_slice){yaml.ptr, yaml.len},
                       ret_fd, err);
    ndr_buffer_free(&yaml);
    return rc;
}

/* Of what the mover was asked for: put the request aside until it is done. */
static int
wait_for(console *c, int fd, const route_call *r, web_reply *ret, ndr_error *err)
{
    asked_wait *aside = NULL;
    const int rc = console_wait(c, r, fd, &aside, ret, err);
    if (rc == WAIT_LATER)
        aside->looks = true;
    return rc;
}

int
console_switch(console *c, const request_body *w, const route_call *r, web_reply *ret,
               ndr_error *err)
{
    int fd = -1;
    asked_wait *aside = waits_find(&c->waits, r->q->ticket);
    if (aside != NULL)
        return wait_outcome(aside, err);
    int rc = console_room(c, r, err);
    if (rc == 0)
        rc = ask(c, w, r, &fd, err);
    return rc == 0 ? wait_for(c, fd, r, ret, err) : rc;
}

int
console_wish(console *c, enum ndr_take take, bool on, const route_call *r, web_reply *ret,
             ndr_error *err)
{
    int fd = -1;
    asked_wait *aside = waits_find(&c->waits, r->q->ticket);
    if (aside != NULL)
        return wait_outcome(aside, err);
    const mover_for whose = for_whom(r, r->domain);
    int rc = console_room(c, r, err);
    if (rc == 0)
        rc = mover_ask(c->mover, on ? MOVER_AUTO_ON : MOVER_AUTO_OFF, &whose,
                       on ? ndr_slice_of(ndr_take_name(take)) : (ndr_slice){0}, &fd, err);
    return rc == 0 ? wait_for(c, fd, r, ret, err) : rc;
}

int
console_job(console *c, const ndr_admin *who, enum mover_what what, const request_body *w,
            const job **ret, ndr_error *err)
{
    ndr_window window;
    char domain[256];
    ndr_buffer yaml = {0};
    mover_for whose = {.person = who != NULL ? who->name : NULL,
                       .generation = who != NULL ? who->generation : 0,
                       .domain = w->domain};
    ndr_slice words = {0};
    int rc = 0;
    if (what == MOVER_UNDO) {
        words = ndr_slice_of(w->run);
        if (!mover_is_run(words))
            return ndr_fail(err, NDR_E_SYNTAX,
                            "say which run: its id is in GET /api/runs");
    } else if (what == MOVER_PREVIEW) {
        rc = take_window(w, (int64_t)time(NULL), &window, domain, err);
        if (rc == 0)
            rc = put_window(&window, &yaml, err);
        words = (ndr_slice){yaml.ptr, yaml.len};
        whose.domain = domain;
        whose.below = w->subdomains;
    }
    if (rc == 0)
        rc = jobs_start(&c->jobs, c->mover, what, &whose, words, ret, err);
    ndr_buffer_free(&yaml);
    return rc;
}

/* What went wrong, as HTTP tells it. */
static int
status_of(int rc)
{
    return rc == NDR_E_SYNTAX ? 400 : rc == NDR_E_LIMIT ? 409 : 503;
}

void
api_windows(console *c, const route_call *r, web_reply *ret)
{
    ndr_error err = {0};
    const int rc = console_switch(c, r->w, r, ret, &err);
    if (rc == WAIT_LATER)
        return;
    if (rc != 0) {
        api_error(ret, status_of(rc), err.text);
        return;
    }
    ret->status = r->w->end ? 200 : 201;
    ret->type = "application/json";
    ndr_buffer_text(&ret->body, "{\"done\":true}\n");
}

/* A job of the operator's. */
static void
start(console *c, enum mover_what what, const request_body *w, web_reply *ret)
{
    ndr_error err = {0};
    const job *j = NULL;
    if (c->mail_count == 0) {
        api_error(ret, 409, "no mail folders are configured: see --mail");
        return;
    }
    const int rc = console_job(c, NULL, what, w, &j, &err);
    if (rc != 0) {
        api_error(ret, status_of(rc), err.text);
        return;
    }
    ret->status = 202;
    ret->type = "application/json";
    job_json(j, &ret->body);
}

void
api_preview(console *c, const route_call *r, web_reply *ret)
{
    start(c, MOVER_PREVIEW, r->w, ret);
}

void
api_apply(console *c, const route_call *r, web_reply *ret)
{
    start(c, MOVER_APPLY, r->w, ret);
}

void
api_undo(console *c, const route_call *r, web_reply *ret)
{
    start(c, MOVER_UNDO, r->w, ret);
}
