/* SPDX-License-Identifier: BSD-3-Clause */
/* asking.c - how is a request put aside until the mover has said what it needs to know?
 */
#include "caller.h"

#include "ndr_clock.h"

#include <string.h>

bool
console_is_again(console *c, const route_call *r)
{
    return waits_find(&c->waits, r->q->ticket) != NULL;
}

static int
too_much(ndr_error *err)
{
    return ndr_fail(err, NDR_E_LIMIT, "too much at once; wait for something to end");
}

int
console_room(const console *c, const route_call *r, ndr_error *err)
{
    const ndr_admin *who = r->who->person;
    return waits_room(&c->waits, who != NULL ? who->name : NULL) ? 0 : too_much(err);
}

int
console_wait(console *c, const route_call *r, int fd, asked_wait **ret_wait,
             web_reply *ret, ndr_error *err)
{
    const ndr_admin *who = r->who->person;
    asked_wait *w =
        waits_begin(&c->waits, r->q->ticket, fd, who != NULL ? who->name : NULL);
    if (w == NULL)
        return too_much(err);
    if (r->who->fresh) /* begun again, it is not to begin another */
        memcpy(w->session, r->who->session->name, sizeof w->session);
    if (ret_wait != NULL)
        *ret_wait = w;
    ret->later = true;
    return WAIT_LATER;
}

int
console_runs(console *c, const route_call *r, const mover_for *whose, runs *all,
             web_reply *ret, ndr_error *err)
{
    int fd = -1;
    *all = (runs){0};
    if (c->mail_count == 0)
        return 0;
    const asked_wait *w = waits_find(&c->waits, r->q->ticket);
    if (w != NULL)
        return runs_take(&w->said, all, err);
    int rc = console_room(c, r, err);
    if (rc == 0)
        rc = mover_ask(c->mover, MOVER_RUNS, whose, (ndr_slice){0}, &fd, err);
    return rc != 0 ? rc : console_wait(c, r, fd, NULL, ret, err);
}

void
console_asked(console *c)
{
    waits_read(&c->waits, ndr_now_ms());
    (void)pthread_mutex_lock(&c->mu);
    const uint64_t look_at = c->look_at;
    (void)pthread_mutex_unlock(&c->mu);
    for (size_t i = 0; i < WAITS_MAX && c->waits.count > 0; i++) {
        asked_wait *w = &c->waits.row[i];
        if (w->ticket == 0 || w->fd >= 0 || w->told)
            continue;
        if (w->looks && w->look == 0)
            w->look = console_look(c);
        if (w->looks && w->look > look_at)
            continue;
        w->told = true;
        if (!server_again(c->server, w->ticket))
            waits_end(&c->waits, w);
    }
}
