/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring.c - see ring.h for the picture. One mutex; a condition for each of the
 * roles, so that nobody is woken who has nothing to do: a batch is about
 * a megabyte, so this runs some ten thousand times a second.
 *
 * Reader and emitter do next to nothing for a batch, and where the workers hold
 * all cores each wake takes one from a worker. So while there is more to scan
 * they are woken for half a ring at once.
 */
#include "ring.h"

#include <errno.h>

static ndr_batch *
slot_at(const ndr_ring *r, uint64_t seq)
{
    return &r->slot[seq % r->count];
}

/* The one way to the counters. */
static struct ndr_ring_state *
state(ndr_ring *r) NDR_REQUIRES(r->mu)
{
    return &r->guarded;
}

/* Is the emitter to be woken? At once when nothing waits to be scanned, as then
 * the input may rest; else when half the ring is behind it. */
static bool
worth_emitting(ndr_ring *r) NDR_REQUIRES(r->mu)
{
    const struct ndr_ring_state *s = state(r);
    return s->emit < s->scan && r->scanned[s->emit % r->count] &&
           (s->scan == s->fill || s->scan - s->emit >= r->count / 2);
}

int
ndr_ring_init(ndr_ring *r, ndr_batch *slot, bool *scanned, uint64_t count,
              ndr_error *err) NDR_UNCHECKED
{
    *r = (ndr_ring){.slot = slot, .scanned = scanned, .count = count};
    ndr_ring_let_in(r, UINT64_MAX, UINT64_MAX);
    errno = pthread_mutex_init(&r->mu.os, NULL);
    if (errno != 0)
        return ndr_fail(err, NDR_E_SYS, "make a lock");
    (void)pthread_cond_init(&r->fillable, NULL);
    (void)pthread_cond_init(&r->scannable, NULL);
    (void)pthread_cond_init(&r->emittable, NULL);
    (void)pthread_cond_init(&r->called, NULL);
    return 0;
}

void
ndr_ring_let_in(ndr_ring *r, uint64_t usual, uint64_t most) NDR_UNCHECKED
{
    r->guarded.usual = r->guarded.let_in = usual;
    r->guarded.most = most;
}

void
ndr_ring_done(ndr_ring *r)
{
    (void)pthread_cond_destroy(&r->called);
    (void)pthread_cond_destroy(&r->emittable);
    (void)pthread_cond_destroy(&r->scannable);
    (void)pthread_cond_destroy(&r->fillable);
    (void)pthread_mutex_destroy(&r->mu.os);
}

ndr_batch *
ndr_ring_fill_begin(ndr_ring *r)
{
    ndr_batch *b = NULL;
    ndr_lock(&r->mu);
    struct ndr_ring_state *s = state(r);
    while (!s->stopped && s->fill - s->emit == r->count)
        ndr_wait(&r->fillable, &r->mu);
    if (!s->stopped) {
        b = slot_at(r, s->fill);
        b->seq = s->fill;
        r->scanned[s->fill % r->count] = false;
    }
    ndr_unlock(&r->mu);
    return b;
}

void
ndr_ring_fill_end(ndr_ring *r)
{
    ndr_lock(&r->mu);
    state(r)->fill++;
    ndr_unlock(&r->mu);
    (void)pthread_cond_signal(&r->scannable);
}

void
ndr_ring_close(ndr_ring *r)
{
    ndr_lock(&r->mu);
    state(r)->closed = true;
    ndr_unlock(&r->mu);
    (void)pthread_cond_broadcast(&r->called);
    (void)pthread_cond_broadcast(&r->scannable);
    (void)pthread_cond_signal(&r->emittable);
}

ndr_batch *
ndr_ring_scan_begin(ndr_ring *r, unsigned worker)
{
    ndr_batch *b = NULL;
    ndr_lock(&r->mu);
    struct ndr_ring_state *s = state(r);
    for (bool woken = false; !s->stopped; woken = true) {
        const bool more = s->scan < s->fill;
        if (worker < s->let_in ? more || s->closed : s->closed && !more)
            break;
        if (worker < s->let_in) {
            ndr_wait(&r->scannable, &r->mu);
            continue;
        }
        if (woken && more) /* it may have been meant for one who is let in */
            (void)pthread_cond_signal(&r->scannable);
        ndr_wait(&r->called, &r->mu);
    }
    if (!s->stopped && s->scan < s->fill)
        b = slot_at(r, s->scan++);
    ndr_unlock(&r->mu);
    if (b == NULL) /* those who are not let in leave, too */
        (void)pthread_cond_broadcast(&r->called);
    return b;
}

void
ndr_ring_scan_end(ndr_ring *r, ndr_batch *b, bool waited)
{
    ndr_lock(&r->mu);
    struct ndr_ring_state *s = state(r);
    r->scanned[b->seq % r->count] = true;
    const bool more = waited && s->let_in < s->most;
    if (more)
        s->let_in++;
    else if (!waited && s->let_in > s->usual)
        s->let_in--;
    const bool wake = worth_emitting(r);
    ndr_unlock(&r->mu);
    if (more)
        (void)pthread_cond_broadcast(&r->called);
    if (wake)
        (void)pthread_cond_signal(&r->emittable);
}

ndr_batch *
ndr_ring_emit_begin(ndr_ring *r)
{
    ndr_batch *b = NULL;
    ndr_lock(&r->mu);
    struct ndr_ring_state *s = state(r);
    while (!s->stopped && !(s->closed && s->emit == s->fill)) {
        if (s->emit < s->scan && r->scanned[s->emit % r->count]) {
            b = slot_at(r, s->emit);
            break;
        }
        ndr_wait(&r->emittable, &r->mu);
    }
    ndr_unlock(&r->mu);
    return b;
}

void
ndr_ring_emit_end(ndr_ring *r)
{
    ndr_lock(&r->mu);
    struct ndr_ring_state *s = state(r);
    s->emit++;
    const bool wake = s->fill - s->emit <= r->count / 2;
    ndr_unlock(&r->mu);
    if (wake)
        (void)pthread_cond_signal(&r->fillable);
}

void
ndr_ring_stop(ndr_ring *r)
{
    ndr_lock(&r->mu);
    state(r)->stopped = true;
    ndr_unlock(&r->mu);
    (void)pthread_cond_broadcast(&r->called);
    (void)pthread_cond_broadcast(&r->scannable);
    (void)pthread_cond_signal(&r->fillable);
    (void)pthread_cond_signal(&r->emittable);
}
