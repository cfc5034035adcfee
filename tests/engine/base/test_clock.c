/* SPDX-License-Identifier: BSD-3-Clause */
#include "ndr_clock.h"

#include "harness.h"

#include <time.h>

static int64_t
monotonic_us(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
between_test(void **state)
{
    (void)state;
    const int64_t before = monotonic_us();
    const int64_t us = ndr_now_us();
    const int64_t ms = ndr_now_ms();
    const int64_t after = monotonic_us();
    assert_true(before <= us && us <= after);
    assert_true(us / 1000 <= ms && ms <= after / 1000);
}

static void
wait_test(void **state)
{
    (void)state;
    const int64_t us = ndr_now_us(), ms = ndr_now_ms();
    const struct timespec wait = {.tv_nsec = 3000000};
    assert_int_equal(nanosleep(&wait, NULL), 0);
    assert_true(ndr_now_us() - us >= 3000);
    assert_true(ndr_now_ms() - ms >= 3);
}

int
main(void)
{
    add_test("both tell the time that no one sets, in their units", between_test);
    add_test("as much passes as was waited", wait_test);
    return run_added("clock");
}
