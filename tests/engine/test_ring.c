/* SPDX-License-Identifier: BSD-3-Clause */
#include "ring.h"

#include "harness.h"

#include <stdatomic.h>
#include <time.h>

enum { SLOTS = 5, WORKERS = 8, ROUNDS = 20000 };

typedef struct round_trip {
    ndr_ring ring;
    ndr_batch slot[SLOTS];
    bool scanned[SLOTS];
    uint64_t held[SLOTS]; /* written without a lock: whoever holds the slot is alone */
    uint64_t last; /* the reader closes behind this many; the emitter stops there */
    bool stop;     /* the emitter stops instead */
    uint64_t rest; /* the reader waits behind each so many until all are emitted */
    atomic_uint_fast64_t filled, worked, emitted;
} round_trip;

static uint64_t *
held_by(round_trip *t, const ndr_batch *b)
{
    return &t->held[b - t->slot];
}

static void
wait_until_emitted(round_trip *t)
{
    while (t->emitted < t->filled)
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}

static void *
reader(void *arg)
{
    round_trip *t = arg;
    ndr_batch *b;
    while ((t->stop || t->filled < t->last) &&
           (b = ndr_ring_fill_begin(&t->ring)) != NULL) {
        *held_by(t, b) = 3 * b->seq;
        t->filled++;
        ndr_ring_fill_end(&t->ring);
        if (t->rest != 0 && t->filled % t->rest == 0)
            wait_until_emitted(t);
    }
    ndr_ring_close(&t->ring);
    return NULL;
}

static void *
worker(void *arg)
{
    round_trip *t = arg;
    ndr_batch *b;
    while ((b = ndr_ring_scan_begin(&t->ring)) != NULL) {
        if (b->seq % 500 == 0) /* the others overtake this one */
            (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        *held_by(t, b) += 1;
        t->worked++;
        ndr_ring_scan_end(&t->ring, b);
    }
    return NULL;
}

/* The emitter; how many batches came, in order. */
static uint64_t
emit(round_trip *t)
{
    uint64_t n = 0;
    ndr_batch *b;
    while ((b = ndr_ring_emit_begin(&t->ring)) != NULL) {
        assert_int_equal(b->seq, n);
        assert_int_equal(*held_by(t, b), 3 * n + 1); /* filled, then worked on once */
        n++;
        if (t->stop && n == t->last) {
            ndr_ring_stop(&t->ring);
            break;
        }
        ndr_ring_emit_end(&t->ring);
        t->emitted++;
    }
    return n;
}

static uint64_t
go_round(round_trip *t, unsigned workers)
{
    pthread_t r, w[WORKERS];
    assert_int_equal(ndr_ring_init(&t->ring, t->slot, t->scanned, SLOTS, NULL), 0);
    assert_int_equal(pthread_create(&r, NULL, reader, t), 0);
    for (unsigned i = 0; i < workers; i++)
        assert_int_equal(pthread_create(&w[i], NULL, worker, t), 0);
    const uint64_t n = emit(t);
    assert_int_equal(pthread_join(r, NULL), 0); /* everybody leaves */
    for (unsigned i = 0; i < workers; i++)
        assert_int_equal(pthread_join(w[i], NULL), 0);
    ndr_ring_done(&t->ring);
    return n;
}

typedef struct ring_row {
    const char *why;
    unsigned workers;
    uint64_t last;
    bool stop;
    uint64_t rest;
} ring_row;

static const ring_row rows[] = {
    {"one worker", 1, ROUNDS, false, 0},
    {"many workers", WORKERS, ROUNDS, false, 0},
    {"fewer batches than slots", WORKERS, 3, false, 0},
    {"as many batches as slots", 2, SLOTS, false, 0},
    {"no batch at all", WORKERS, 0, false, 0},
    {"each batch is emitted before the input goes on", WORKERS, 500, false, 1},
    {"two batches are emitted before the input goes on", 2, 500, false, 2},
    {"a full ring is emitted before the input goes on", 1, 500, false, SLOTS},
    {"stopped at the first", WORKERS, 1, true, 0},
    {"stopped while it goes round", WORKERS, 1000, true, 0},
    {"stopped with one worker", 1, 100, true, 0},
};

static void
ring_test(void **state)
{
    const ring_row *row = *state;
    for (int again = 0; again < (row->last < 10 ? 200 : 1); again++) {
        round_trip t = {.last = row->last, .stop = row->stop, .rest = row->rest};
        assert_int_equal(go_round(&t, row->workers), row->last);
        if (!row->stop)
            assert_int_equal(t.worked, row->last);
        else
            assert_true(t.filled >= row->last && t.filled <= row->last - 1 + SLOTS);
    }
}

static void
alone_test(void **state)
{
    (void)state;
    round_trip t = {.last = 0};
    assert_int_equal(ndr_ring_init(&t.ring, t.slot, t.scanned, SLOTS, NULL), 0);
    for (uint64_t i = 0; i < SLOTS; i++) {
        ndr_batch *b = ndr_ring_fill_begin(&t.ring);
        assert_ptr_equal(b, &t.slot[i]);
        ndr_ring_fill_end(&t.ring);
    }
    ndr_batch *first = ndr_ring_scan_begin(&t.ring);
    ndr_batch *second = ndr_ring_scan_begin(&t.ring);
    ndr_ring_scan_end(&t.ring, second);
    ndr_ring_scan_end(&t.ring, first); /* the other way round: the first comes first */
    assert_ptr_equal(ndr_ring_emit_begin(&t.ring), first);
    ndr_ring_emit_end(&t.ring);
    assert_ptr_equal(ndr_ring_emit_begin(&t.ring), second);
    ndr_ring_emit_end(&t.ring);
    ndr_ring_stop(&t.ring);
    assert_null(ndr_ring_fill_begin(&t.ring));
    assert_null(ndr_ring_scan_begin(&t.ring));
    assert_null(ndr_ring_emit_begin(&t.ring));
    ndr_ring_done(&t.ring);
}

int
main(void)
{
    ADD_ROWS(rows, ring_test);
    add_test("what is done out of order is given out in order", alone_test);
    return run_added("ring");
}
