/* SPDX-License-Identifier: BSD-3-Clause */
#include "source/large_slot.h"

#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { WORKERS = 4, TURNS = 50 };

typedef struct crowd {
    ndr_large_slot room;
    atomic_bool stop;
    atomic_uint inside, most, done;
} crowd;

static void *
worker(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < TURNS; i++) {
        ndr_large_slot_take(&c->room);
        const unsigned n = atomic_fetch_add(&c->inside, 1) + 1;
        if (n > c->most)
            c->most = n;
        (void)atomic_fetch_sub(&c->inside, 1);
        ndr_large_slot_give(&c->room);
    }
    c->done++;
    return NULL;
}

static void *
filler(void *arg)
{
    crowd *c = arg;
    ndr_buffer none = {0};
    ndr_large_slot_take_to_fill(&c->room, &none);
    c->done++;
    ndr_large_slot_give(&c->room);
    return NULL;
}

static void
wait_a_little(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static void
one_test(void **state)
{
    (void)state;
    crowd c = {.stop = false};
    ndr_large_slot_init(&c.room, &c.stop);
    pthread_t t[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, worker, &c), 0);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    assert_int_equal(c.most, 1);
    assert_int_equal(c.done, WORKERS);
    ndr_large_slot_done(&c.room);
}

static void
fill_test(void **state)
{
    (void)state;
    crowd c = {.stop = false};
    ndr_large_slot_init(&c.room, &c.stop);
    ndr_large_slot_lend(&c.room);
    ndr_large_slot_take(&c.room); /* a worker is at the batch, which is a large one */
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, filler, &c), 0);
    ndr_large_slot_give(&c.room);
    wait_a_little();
    assert_int_equal(c.done, 0); /* the room is free, the batch is not done */
    ndr_large_slot_return(&c.room);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(c.done, 1);
    ndr_large_slot_done(&c.room);
}

static void
stop_test(void **state)
{
    (void)state;
    crowd c = {.stop = false};
    ndr_large_slot_init(&c.room, &c.stop);
    ndr_large_slot_lend(&c.room);
    ndr_large_slot_take(&c.room);
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, filler, &c), 0);
    wait_a_little();
    assert_int_equal(c.done, 0);
    atomic_store(&c.stop, true);
    assert_int_equal(pthread_join(t, NULL), 0); /* nobody gave or returned */
    assert_int_equal(c.done, 1);
    ndr_large_slot_done(&c.room);
}

/* A batch's buffer that grew, as the fill thread's do. */
static ndr_buffer
filled(ndr_large_slot *r, const char *held, size_t size)
{
    ndr_buffer b = {0};
    ndr_buffer_text(&b, held);
    ndr_large_slot_take_to_fill(r, &b);
    assert_int_equal(b.len, strlen(held)); /* in whatever buffer it is now */
    assert_memory_equal(b.ptr, held, b.len);
    assert_true(ndr_buffer_reserve(&b, size));
    return b;
}

static void
spare_test(void **state)
{
    (void)state;
    enum { LARGE = 1 << 20 };
    atomic_bool stop = false;
    ndr_large_slot room;
    ndr_large_slot_init(&room, &stop);
    ndr_buffer b = filled(&room, "one", LARGE);
    const unsigned char *large = b.ptr;
    ndr_large_slot_give_filled(&room, &b);
    assert_true(b.ptr != large);
    ndr_buffer_free(&b);
    b = filled(&room, "another", LARGE / 2);
    assert_ptr_equal(b.ptr, large); /* without a new page */
    ndr_large_slot_give_filled(&room, &b);
    assert_non_null(b.ptr); /* what it came with */
    assert_int_equal(b.len, 0);
    assert_true(b.cap < LARGE);
    ndr_buffer_free(&b);
    ndr_large_slot_take(&room); /* a worker has a buffer of its own */
    assert_null(room.spare.ptr);
    ndr_large_slot_give(&room);
    ndr_large_slot_done(&room);
}

int
main(void)
{
    add_test("one holds the room at a time", one_test);
    add_test("who fills waits until no batch is under way", fill_test);
    add_test("nobody waits when the run is to stop", stop_test);
    add_test("one large buffer goes from batch to batch", spare_test);
    return run_added("room");
}
