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
 */
#ifndef NDR_RING_H
#define NDR_RING_H

#include "lock.h"
#include "ndrscan.h"

typedef struct ndr_ring {
    ndr_mutex mu;
    pthread_cond_t fillable, scannable, emittable;
    ndr_batch *slot; /* `count` of them, owned by the caller */
    bool *scanned;   /* one a slot, owned by the caller: waits for the emitter */
    uint64_t count;
    struct ndr_ring_state {        /* guarded by mu: only ring.c looks inside */
        uint64_t fill, scan, emit; /* emit <= scan <= fill <= emit + count */
        bool closed;               /* the reader has no more input */
        bool stopped;              /* somebody failed: everyone leaves */
    } guarded;
} ndr_ring;

/* 0, or NDR_E_SYS when the system has no more locks. `scanned` is all false. */
int ndr_ring_init(ndr_ring *r, ndr_batch *slot, bool *scanned, uint64_t count,
                  ndr_error *err);
void ndr_ring_done(ndr_ring *r);

/* Each *_begin blocks; NULL means leave: input ended or the ring stopped. */
ndr_batch *ndr_ring_fill_begin(ndr_ring *r);       /* thread: reader */
void ndr_ring_fill_end(ndr_ring *r);               /* thread: reader */
void ndr_ring_close(ndr_ring *r);                  /* thread: reader */
ndr_batch *ndr_ring_scan_begin(ndr_ring *r);       /* thread: worker */
void ndr_ring_scan_end(ndr_ring *r, ndr_batch *b); /* thread: worker */
ndr_batch *ndr_ring_emit_begin(ndr_ring *r);       /* thread: emitter */
void ndr_ring_emit_end(ndr_ring *r);               /* thread: emitter */
void ndr_ring_stop(ndr_ring *r);                   /* thread: any */

#endif
