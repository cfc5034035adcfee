/* SPDX-License-Identifier: BSD-3-Clause */
/* test_from_scan.c - every way of searching, held against the plainest */
#include "frame.h"
#include "harness.h"

static size_t
slow_first(const unsigned char *p, size_t n, size_t from)
{
    for (size_t i = from; i + 6 <= n; i++)
        if (memcmp(p + i, "\nFrom ", 6) == 0)
            return i;
    return n;
}

static size_t
slow_last(const unsigned char *p, size_t n, size_t low)
{
    size_t last = n;
    for (size_t i = low; i + 6 <= n; i++)
        if (memcmp(p + i, "\nFrom ", 6) == 0)
            last = i;
    return last;
}

static void
check(const ndr_from_way *way, const unsigned char *bytes, size_t n)
{
    unsigned char *p = exact_copy(bytes, n);
    for (size_t from = 0; from <= n; from += from < 70 ? 1 : 7) {
        assert_int_equal(way->first(p, n, from), slow_first(p, n, from));
        assert_int_equal(way->last(p, n, from), slow_last(p, n, from));
    }
    free(p);
}

static void
way_test(void **state)
{
    const ndr_from_way *way = *state;
    if (!way->usable())
        skip();
    unsigned char bytes[400];
    /* one word at each place in each length around the vectors' */
    for (size_t n = 0; n <= 210; n += n < 150 ? 1 : 3)
        for (size_t at = 0; at + 6 <= n; at += 1 + n / 40) {
            memset(bytes, '\n', n);
            memcpy(bytes + at, "\nFrom ", 6);
            check(way, bytes, n);
        }
    /* and words that almost are, at every second line */
    uint64_t seed = 99;
    static const char *const word[] = {"\nFrom ", "\nFrom:", "\nF",   "\n",
                                       "From ",   "x",       "\nFro", "\n\nFrom "};
    for (int round = 0; round < 300; round++) {
        size_t n = 0;
        while (n < 380) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            const char *w = word[seed >> 61];
            memcpy(bytes + n, w, strlen(w));
            n += strlen(w);
        }
        check(way, bytes, 300 + (size_t)round % 80);
    }
}

static void
chosen(void **state)
{
    (void)state;
    static const char text[] = "x\nFrom a\n\nFrom b\nFromage\n";
    const unsigned char *p = (const unsigned char *)text;
    assert_int_equal(ndr_from_scan(p, sizeof text - 1, 0), 1);
    assert_int_equal(ndr_from_scan(p, sizeof text - 1, 2), 9);
    assert_int_equal(ndr_from_scan(p, sizeof text - 1, 10), sizeof text - 1);
    assert_int_equal(ndr_from_scan_last(p, sizeof text - 1, 0), 9);
    assert_int_equal(ndr_from_scan_last(p, sizeof text - 1, 10), sizeof text - 1);
}

int
main(void)
{
    for (size_t i = 0; i < ndr_from_way_count; i++) {
        add_test(ndr_from_ways[i].name, way_test);
        test_list[test_count - 1].initial_state = (void *)(uintptr_t)&ndr_from_ways[i];
    }
    add_test("the way that is chosen", chosen);
    return run_added("from_scan");
}
