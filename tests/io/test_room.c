/* SPDX-License-Identifier: BSD-3-Clause */
#include "room.h"

#include "harness.h"

#include <pthread.h>
#include <time.h>

enum { WORKERS = 4, TURNS = 50 };

typedef struct crowd {
    ndr_room room;
    atomic_bool stop;
    atomic_uint inside, most, done;
} crowd;

static void *
worker(void *arg)
{
    crowd *c = arg;
    for (int i = 0; i < TURNS; i++) {
        ndr_room_take(&c->room);
        const unsigned n = atomic_fetch_add(&c->inside, 1) + 1;
        if (n > c->most)
            c->most = n;
        (void)atomic_fetch_sub(&c->inside, 1);
        ndr_room_give(&c->room);
    }
    c->done++;
    return NULL;
}

static void *
filler(void *arg)
{
    crowd *c = arg;
    ndr_room_take_to_fill(&c->room);
    c->done++;
    ndr_room_give(&c->room);
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
    ndr_room_init(&c.room, &c.stop);
    pthread_t t[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&t[i], NULL, worker, &c), 0);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(t[i], NULL), 0);
    assert_int_equal(c.most, 1);
    assert_int_equal(c.done, WORKERS);
}

static void
fill_test(void **state)
{
    (void)state;
    crowd c = {.stop = false};
    ndr_room_init(&c.room, &c.stop);
    ndr_room_lend(&c.room);
    ndr_room_take(&c.room); /* a worker is at the batch, which is a large one */
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, filler, &c), 0);
    ndr_room_give(&c.room);
    wait_a_little();
    assert_int_equal(c.done, 0); /* the room is free, the batch is not done */
    ndr_room_return(&c.room);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(c.done, 1);
}

static void
stop_test(void **state)
{
    (void)state;
    crowd c = {.stop = false};
    ndr_room_init(&c.room, &c.stop);
    ndr_room_lend(&c.room);
    ndr_room_take(&c.room);
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, filler, &c), 0);
    wait_a_little();
    assert_int_equal(c.done, 0);
    atomic_store(&c.stop, true);
    assert_int_equal(pthread_join(t, NULL), 0); /* nobody gave or returned */
    assert_int_equal(c.done, 1);
}

int
main(void)
{
    add_test("one holds the room at a time", one_test);
    add_test("who fills waits until no batch is under way", fill_test);
    add_test("nobody waits when the run is to stop", stop_test);
    return run_added("room");
}
