/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"

#include <errno.h>
#include <time.h>

/* Another program writes: what waits is written when it is done, or the error says so. */
static void
two_writers_test(void **state)
{
    (void)state;
    ndr_counts *a = NULL, *b = NULL;
    char got[100];
    begin();
    assert_int_equal(ndr_counts_open(db, 1, &a, NULL), 0);
    assert_int_equal(ndr_counts_open(db, 1, &b, NULL), 0);
    look_at(a, 0, &(look){"a", "x", "b.example", 0, F, false, NULL});
    look_at(b, 0, &(look){"a", "x", "b.example", 0, F, false, NULL});
    look_at(b, 0, &(look){"b", "x", "b.example", 0, F, false, NULL});
    assert_int_equal(ndr_counts_close(a, NULL, NULL), 0);
    assert_int_equal(ndr_counts_close(b, NULL, NULL), 0);
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:2/0");
}

static void
patient_test(void **state)
{
    (void)state;
    ndr_counts *c = NULL;
    ndr_counts_added told;
    begin();
    assert_int_equal(ndr_counts_open(db, 2, &c, NULL), 0);
    crowd w = {c, 0};
    sqlite3 *other = other_begins();
    for (int i = 0; i < 4; i++) { /* enough to be written at once */
        many_looks(&w);
        many_looks(&w);
        assert_int_equal(ndr_counts_flush(c, NULL), 0);
    }
    other_ends(other);
    assert_int_equal(ndr_counts_flush(c, NULL), 0);
    look_at(c, 1, &(look){"new", "x", "b.example", 0, F, false, NULL});
    assert_int_equal(ndr_counts_close(c, &told, NULL), 0);
    end();
    assert_int_equal(told.counted, 20001);
    assert_int_equal(told.known, 140000);
}

static double
seconds(void)
{
    struct timespec t;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Who is in passing does not wait: what it could not write is told, and counted later. */
static void
passing_test(void **state)
{
    (void)state;
    const look l = {"a", "x", "b.example", 0, F, false, NULL};
    ndr_counts *c = NULL;
    ndr_counts_added told;
    ndr_error err = {0};
    char got[100];
    begin();
    count(NULL, 0, NULL);
    assert_int_equal(ndr_counts_open_in_passing(db, 1, 50, &c, NULL), 0);
    look_at(c, 0, &l);
    sqlite3 *other = other_begins();
    const double before = seconds();
    assert_int_equal(ndr_counts_close(c, &told, &err), 0);
    assert_true(seconds() - before < 5);
    other_ends(other);
    assert_int_equal(told.missed, 1);
    assert_int_equal(told.counted, 0);
    assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ndr_counts_open_in_passing(db, 1, 50, &c, &err), NDR_E_SYS);
    assert_int_equal(err.sys_errno, EAGAIN);
    other_ends(other);
    count(&l, 1, &told);
    show(0, got, sizeof got);
    end();
    assert_int_equal(told.counted, 1);
    assert_string_equal(got, "b.example 0:1/0");
}

/* Who serves begins at once, and counts what came meanwhile when it can. */
static void
soon_test(void **state)
{
    (void)state;
    const look l = {"a", "x", "b.example", 0, F, false, NULL};
    for (int flushed = 0; flushed < 3; flushed++) {
        ndr_counts *c = NULL;
        ndr_counts_added told;
        ndr_error err = {0};
        sqlite3 *other = NULL;
        char got[100];
        begin();
        count(NULL, 0, NULL);
        assert_int_equal(sqlite3_open(db, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
                         SQLITE_OK);
        const double before = seconds();
        assert_int_equal(ndr_counts_open_soon(db, 1, 50, &c, &err), 0);
        assert_true(seconds() - before < 5);
        look_at(c, 0, &l);
        if (flushed == 1) {
            (void)sleep(3); /* it has waited long enough to be written */
            assert_int_equal(ndr_counts_flush(c, &err), 0);
        }
        other_ends(other);
        if (flushed == 2) {
            (void)sleep(3);
            assert_int_equal(ndr_counts_flush(c, &err), 0);
            show(0, got, sizeof got);
            assert_string_equal(got, "b.example 0:1/0");
        }
        assert_int_equal(ndr_counts_close(c, &told, &err), 0);
        show(0, got, sizeof got);
        end();
        assert_int_equal(told.counted, 1);
        assert_string_equal(got, "b.example 0:1/0");
    }
}

int
main(void)
{
    add_test("two programs add to one file", two_writers_test);
    add_test("one that writes for long is waited for", patient_test);
    add_test("who is in passing does not wait for another program", passing_test);
    add_test("who serves begins at once, and counts later", soon_test);
    return run_added("counts");
}
