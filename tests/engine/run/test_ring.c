/* SPDX-License-Identifier: BSD-3-Clause */
#include "run/ring.h"

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
    uint64_t let_in, every; /* workers; each so manieth batch waits, 0: none */
    atomic_uint_fast64_t filled, worked, emitted, inside, most;
    atomic_uint workers;
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
    const unsigned number = t->workers++;
    ndr_batch *b;
    while ((b = ndr_ring_scan_begin(&t->ring, number)) != NULL) {
        const uint64_t inside = atomic_fetch_add(&t->inside, 1) + 1;
        for (uint64_t most = t->most;
             inside > most && !atomic_compare_exchange_weak(&t->most, &most, inside);)
            continue;
        if (b->seq % 500 == 0) /* the others overtake this one */
            (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        *held_by(t, b) += 1;
        t->worked++;
        const bool waited = t->every != 0 && b->seq % t->every == 0;
        t->inside--;
        ndr_ring_scan_end(&t->ring, b, waited);
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
    if (t->let_in != 0)
        ndr_ring_let_in(&t->ring, t->let_in, workers);
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
    uint64_t let_in, every;
} ring_row;

static const ring_row rows[] = {
    {"one worker", 1, ROUNDS, false, 0, 0, 0},
    {"many workers", WORKERS, ROUNDS, false, 0, 0, 0},
    {"fewer batches than slots", WORKERS, 3, false, 0, 0, 0},
    {"as many batches as slots", 2, SLOTS, false, 0, 0, 0},
    {"no batch at all", WORKERS, 0, false, 0, 0, 0},
    {"each batch is emitted before the input goes on", WORKERS, 500, false, 1, 0, 0},
    {"two batches are emitted before the input goes on", 2, 500, false, 2, 0, 0},
    {"a full ring is emitted before the input goes on", 1, 500, false, SLOTS, 0, 0},
    {"one of many workers is let in", WORKERS, ROUNDS, false, 0, 1, 0},
    {"two of many workers are let in", WORKERS, ROUNDS, false, 0, 2, 0},
    {"let in, and the input rests", WORKERS, 500, false, 3, 2, 0},
    {"let in, and fewer batches than slots", WORKERS, 3, false, 0, 1, 0},
    {"let in, and batches wait at times", WORKERS, ROUNDS, false, 0, 1, 100},
    {"let in, and all batches wait", WORKERS, ROUNDS, false, 0, 2, 1},
    {"let in, and stopped", WORKERS, 1000, true, 0, 2, 0},
    {"stopped at the first", WORKERS, 1, true, 0, 0, 0},
    {"stopped while it goes round", WORKERS, 1000, true, 0, 0, 0},
    {"stopped with one worker", 1, 100, true, 0, 0, 0},
};

static void
ring_test(void **state)
{
    const ring_row *row = *state;
    for (int again = 0; again < (row->last < 10 ? 200 : 1); again++) {
        round_trip t = {.last = row->last,
                        .stop = row->stop,
                        .rest = row->rest,
                        .let_in = row->let_in,
                        .every = row->every};
        assert_int_equal(go_round(&t, row->workers), row->last);
        if (row->let_in != 0 && row->every == 0)
            assert_true(t.most <= row->let_in);
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
    ndr_batch *first = ndr_ring_scan_begin(&t.ring, 0);
    ndr_batch *second = ndr_ring_scan_begin(&t.ring, 0);
    ndr_ring_scan_end(&t.ring, second, false);
    ndr_ring_scan_end(&t.ring, first,
                      false); /* the other way round: the first comes first */
    assert_ptr_equal(ndr_ring_emit_begin(&t.ring), first);
    ndr_ring_emit_end(&t.ring);
    assert_ptr_equal(ndr_ring_emit_begin(&t.ring), second);
    ndr_ring_emit_end(&t.ring);
    ndr_ring_stop(&t.ring);
    assert_null(ndr_ring_fill_begin(&t.ring));
    assert_null(ndr_ring_scan_begin(&t.ring, 0));
    assert_null(ndr_ring_emit_begin(&t.ring));
    ndr_ring_done(&t.ring);
}

static void *
take_turn(void *arg)
{
    round_trip *t = arg;
    t->most = ndr_ring_scan_begin(&t->ring, 1) != NULL ? 1 : 2;
    return NULL;
}

static void
let_in_test(void **state)
{
    (void)state;
    round_trip t = {.last = 0};
    assert_int_equal(ndr_ring_init(&t.ring, t.slot, t.scanned, SLOTS, NULL), 0);
    ndr_ring_let_in(&t.ring, 1, 2);
    for (uint64_t i = 0; i < SLOTS; i++) {
        assert_non_null(ndr_ring_fill_begin(&t.ring));
        ndr_ring_fill_end(&t.ring);
    }
    ndr_batch *b = ndr_ring_scan_begin(&t.ring, 0);
    pthread_t w;
    assert_int_equal(pthread_create(&w, NULL, take_turn, &t), 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(t.most, 0);         /* not let in */
    ndr_ring_scan_end(&t.ring, b, true); /* it waited: two may be in */
    assert_int_equal(pthread_join(w, NULL), 0);
    assert_int_equal(t.most, 1);
    ndr_batch *second = ndr_ring_scan_begin(&t.ring, 0);
    ndr_ring_scan_end(&t.ring, second, false); /* one may be in again */
    t.most = 0;
    assert_int_equal(pthread_create(&w, NULL, take_turn, &t), 0);
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_int_equal(t.most, 0);
    ndr_ring_stop(&t.ring);
    assert_int_equal(pthread_join(w, NULL), 0);
    assert_int_equal(t.most, 2);
    ndr_ring_done(&t.ring);
}

int
main(void)
{
    ADD_ROWS(rows, ring_test);
    add_test("what is done out of order is given out in order", alone_test);
    add_test("one more is let in for a batch that waited", let_in_test);
    return run_added("ring");
}
