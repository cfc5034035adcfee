/* SPDX-License-Identifier: BSD-3-Clause */
/* test_path_run.c - which paths are known before their turn? */
#include "source/path_run.h"

#include "harness.h"

#include <stdio.h>

static void
order_test(void **state)
{
    (void)state;
    static const char *const paths[] = {"b", "a", "b", "a path/with spaces", "-"};
    enum { COUNT = sizeof paths / sizeof paths[0] };
    ndr_path_run r = {0};
    assert_int_equal(ndr_path_run_begin(&r, NULL), 0);
    for (size_t i = 0; i < COUNT; i++) {
        char own[32]; /* it is copied */
        (void)snprintf(own, sizeof own, "%s", paths[i]);
        assert_int_equal(ndr_path_run_add(&r, own, NULL), 0);
    }
    ndr_path_run_start(&r, NULL, true);
    assert_int_equal(r.count, COUNT);
    assert_int_equal(r.at, 0);
    assert_null(r.ahead);
    for (size_t i = 0; i < COUNT; i++)
        assert_string_equal(ndr_path_run_path(&r, i), paths[i]);
    assert_int_equal(ndr_path_run_begin(&r, NULL), 0);
    assert_int_equal(r.count, 0);
    ndr_path_run_leave(&r);
    ndr_path_run_leave(&r);
}

/* Few long paths are a run, and many short ones. */
static void
room_test(void **state)
{
    (void)state;
    char *path = malloc(60001);
    assert_non_null(path);
    memset(path, 'x', 60000);
    static const size_t bytes[] = {60000, 1};
    for (size_t i = 0; i < 2; i++) {
        ndr_path_run r = {0};
        path[bytes[i]] = '\0';
        assert_int_equal(ndr_path_run_begin(&r, NULL), 0);
        while (ndr_path_run_has_room(&r))
            assert_int_equal(ndr_path_run_add(&r, path, NULL), 0);
        assert_int_equal(r.count, bytes[i] == 1 ? 8192 : 18);
        ndr_path_run_leave(&r);
    }
    free(path);
}

int
main(void)
{
    add_test("paths come in the order in which they were named", order_test);
    add_test("a run holds no more than some thousands, or 1 MiB", room_test);
    return run_added("path_run");
}
