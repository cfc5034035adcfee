/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/line_cache.h"

#include "bytes.h"

#include <stdio.h>
#include <string.h>

/* Find a line in an exact-size copy; when it is due, keep it with one hit. */
static enum ndr_line_cache_state
meet(ndr_line_cache *m, uint32_t matcher, const char *line, size_t len, uint32_t hit)
{
    unsigned char *p = exact_copy(line, len);
    ndr_known *row = NULL;
    const enum ndr_line_cache_state state =
        ndr_line_cache_find(m, matcher, (ndr_slice){p, len}, &row);
    if (state == NDR_LINE_CACHE_AGAIN) {
        row->hit[row->count++] = hit;
        ndr_line_cache_keep(row, (ndr_slice){p, len});
    } else if (state == NDR_LINE_CACHE_KNOWN) {
        assert_int_equal(row->count, 1);
        assert_int_equal(row->hit[0], hit);
    }
    free(p);
    return state;
}

static void
third_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    for (size_t len = 1; len <= NDR_LINE_CACHE_LINE_BYTES; len++) {
        char line[NDR_LINE_CACHE_LINE_BYTES];
        memset(line, 'a' + (int)(len % 26), sizeof line);
        assert_int_equal(meet(m, 3, line, len, 7), NDR_LINE_CACHE_NEW);
        assert_int_equal(meet(m, 3, line, len, 7), NDR_LINE_CACHE_AGAIN);
        assert_int_equal(meet(m, 3, line, len, 7), NDR_LINE_CACHE_KNOWN);
        assert_int_equal(meet(m, 3, line, len, 7), NDR_LINE_CACHE_KNOWN);
    }
    ndr_line_cache_free(m);
}

static void
matcher_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    for (uint32_t matcher = 0; matcher < 20; matcher++) {
        assert_int_equal(meet(m, matcher, "<>", 2, matcher), NDR_LINE_CACHE_NEW);
        assert_int_equal(meet(m, matcher, "<>", 2, matcher), NDR_LINE_CACHE_AGAIN);
        assert_int_equal(meet(m, matcher, "<>", 2, matcher), NDR_LINE_CACHE_KNOWN);
    }
    ndr_line_cache_free(m);
}

static void
byte_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    char line[40];
    memset(line, 'x', sizeof line);
    (void)meet(m, 1, line, sizeof line, 5);
    (void)meet(m, 1, line, sizeof line, 5);
    for (size_t i = 0; i < sizeof line; i++) {
        line[i] = 'y';
        assert_int_not_equal(meet(m, 1, line, sizeof line, 6), NDR_LINE_CACHE_KNOWN);
        line[i] = 'x';
        assert_int_equal(meet(m, 1, line, sizeof line, 5), NDR_LINE_CACHE_KNOWN);
    }
    ndr_line_cache_free(m);
}

static void
never_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    char line[NDR_LINE_CACHE_LINE_BYTES + 1];
    memset(line, 'x', sizeof line);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(meet(m, 1, line, sizeof line, 5), NDR_LINE_CACHE_NEW);
        assert_int_equal(meet(m, 1, "", 0, 5), NDR_LINE_CACHE_NEW);
    }
    ndr_line_cache_free(m);
}

/* A row that was handed out and not kept, because its hits found no room. */
static void
dropped_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    ndr_known *row = NULL;
    assert_int_equal(ndr_line_cache_find(m, 1, NDR_SLICE("line"), &row),
                     NDR_LINE_CACHE_NEW);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ndr_line_cache_find(m, 1, NDR_SLICE("line"), &row),
                         NDR_LINE_CACHE_AGAIN);
        assert_int_equal(row->count, 0);
        row->hit[row->count++] = 9;
    }
    ndr_line_cache_free(m);
}

/* A line that returns stays known among a hundred thousand that do not. */
static void
stay_test(void **state)
{
    (void)state;
    ndr_line_cache *m = ndr_line_cache_new();
    assert_non_null(m);
    unsigned known = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        char once[24];
        const int n = snprintf(once, sizeof once, "once only %u", i);
        (void)meet(m, 2, once, (size_t)n, i);
        known += meet(m, 1, "undelivered mail", 16, 4) == NDR_LINE_CACHE_KNOWN;
    }
    assert_true(known > 99000);
    ndr_line_cache_free(m);
}

int
main(void)
{
    add_test("a line of any length is known from the third time on", third_test);
    add_test("the same line of another matcher is another", matcher_test);
    add_test("any other byte is another line", byte_test);
    add_test("long lines and empty ones are not kept", never_test);
    add_test("a row that was not kept stays unknown", dropped_test);
    add_test("a line that returns stays, lines that do not pass by", stay_test);
    return run_added("line_cache");
}
