/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ring.h - how do batches go round, each held by one thread, in input order?
 *
 *      reader            workers              emitter
 *   fill_begin/end -> scan_begin/end -> emit_begin/end -> (slot is free again)
 *
 * Slots are filled, claimed and emitted in one sequence, so output order is
 * input order and memory is bounded by `count` batches. Between a *_begin and
 * its *_end the batch belongs to the calling thread alone.
 *
 * More workers than CPUs are of use only where reading has to wait: so the ring lets in
 * as many as there are CPUs, and one more for each batch that tells that it waited.
 */
#ifndef NDR_RING_H
#define NDR_RING_H

#include "base/lock.h"
#include "ndrscan.h"

typedef struct ndr_ring {
    ndr_mutex mu;
    pthread_cond_t fillable, scannable, emittable;
    pthread_cond_t called; /* for workers that are not let in */
    ndr_batch *slot;       /* `count` of them, owned by the caller */
    bool *scanned;         /* one a slot, owned by the caller: waits for the emitter */
    uint64_t count;
    struct ndr_ring_state {        /* guarded by mu: only ring.c looks inside */
        uint64_t fill, scan, emit; /* emit <= scan <= fill <= emit + count */
        uint64_t let_in; /* workers below it may scan; usual <= let_in <= most */
        uint64_t usual, most;
        bool closed;  /* the reader has no more input */
        bool stopped; /* somebody failed: everyone leaves */
    } guarded;
} ndr_ring;

/* 0, or NDR_E_SYS when the system has no more locks. `scanned` is all false. */
int ndr_ring_init(ndr_ring *r, ndr_batch *slot, bool *scanned, uint64_t count,
                  ndr_error *err);
void ndr_ring_done(ndr_ring *r);
/* Let the first `usual` workers scan, up to `most` while batches wait; both at least 1.
 * Always the first: their buffers are in the cache. Before any thread is at the ring;
 * without it there is no limit. */
void ndr_ring_let_in(ndr_ring *r, uint64_t usual, uint64_t most);

/* Each *_begin blocks; NULL means leave: input ended or the ring stopped. A worker, of
 * which each has its number from 0 on, comes back until then, or stops the ring. */
ndr_batch *ndr_ring_fill_begin(ndr_ring *r);                  /* thread: reader */
void ndr_ring_fill_end(ndr_ring *r);                          /* thread: reader */
void ndr_ring_close(ndr_ring *r);                             /* thread: reader */
ndr_batch *ndr_ring_scan_begin(ndr_ring *r, unsigned worker); /* thread: worker */
/* `waited`: the worker slept over the batch, as for a disk. Thread: worker. */
void ndr_ring_scan_end(ndr_ring *r, ndr_batch *b, bool waited);
ndr_batch *ndr_ring_emit_begin(ndr_ring *r); /* thread: emitter */
void ndr_ring_emit_end(ndr_ring *r);         /* thread: emitter */
void ndr_ring_stop(ndr_ring *r);             /* thread: any */

#endif
