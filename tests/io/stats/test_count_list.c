/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "ndr_count_list.h"
#include "stats/count_record.h"
#include "stats/counts.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], db[96];
static int dir;

static void
begin(void)
{
    strcpy(folder, "/tmp/ndr-list-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(db, sizeof db, "%s/s.db", folder);
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(dir >= 0);
}

static void
end(void)
{
    (void)close(dir);
    (void)unlink(db);
    assert_int_equal(rmdir(folder), 0); /* what memory could not hold has no name */
}

/* ---- records ------------------------------------------------------------------------
 */

/* In their order. */
static const struct sample {
    int64_t step;
    uint64_t own;
    const char *domain;
    uint32_t what;
} samples[] = {
    {-600, 1, "b.example", 5},
    {-300, 1, "b.example", 5},
    {0, 1, "", 5},
    {0, 1, "a.example", 5},
    {0, 1, "b", 5},
    {0, 1, "b.example", 5},
    {0, 1, "b.example", 6},
    {0, UINT64_MAX, "b.example", 0},
    {300, 0, "", 0},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static ndr_counted
counted_of(const struct sample *s)
{
    return (ndr_counted){s->step, {s->own, {2, 3}, 4}, ndr_slice_of(s->domain), s->what};
}

static void
records_come_back(void **state)
{
    (void)state;
    ndr_buffer out = {0};
    size_t start[SAMPLES];
    for (size_t i = 0; i < SAMPLES; i++) {
        start[i] = out.len;
        const ndr_counted one = counted_of(&samples[i]);
        assert_true(ndr_counted_put(&one, &out));
    }
    unsigned char *copy = exact_copy(out.ptr, out.len);
    for (size_t i = 0; i < SAMPLES; i++) {
        const ndr_counted want = counted_of(&samples[i]);
        ndr_counted c;
        const size_t n =
            ndr_counted_take((ndr_slice){copy + start[i], out.len - start[i]}, &c);
        assert_int_equal(n, (i + 1 < SAMPLES ? start[i + 1] : out.len) - start[i]);
        assert_true(c.step == want.step && c.what == want.what);
        assert_memory_equal(&c.id, &want.id, sizeof c.id);
        assert_true(ndr_slice_equal(c.domain, want.domain));
        for (size_t k = 0; k < SAMPLES; k++) {
            const int order = ndr_counted_compare(copy + start[i], copy + start[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
    for (size_t cut = 0; cut < start[1]; cut++) { /* the first, never whole */
        unsigned char *part = exact_copy(out.ptr, cut);
        assert_int_equal(ndr_count_record_length((ndr_slice){part, cut}), 0);
        free(part);
    }
    free(copy);
    ndr_buffer_free(&out);
}

static void
lengths_that_lie_are_no_records(void **state)
{
    (void)state;
    unsigned char bytes[NDR_COUNT_RECORD_LEAST] = {0};
    for (unsigned n = 0; n <= UINT16_MAX; n += n < 100 ? 1 : 997) {
        bytes[0] = (unsigned char)(n >> 8);
        bytes[1] = (unsigned char)n;
        unsigned char *copy = exact_copy(bytes, sizeof bytes);
        assert_int_equal(ndr_count_record_length((ndr_slice){copy, sizeof bytes}),
                         n == sizeof bytes ? sizeof bytes : 0);
        free(copy);
    }
}

static void
a_domain_beyond_a_record_is_none(void **state)
{
    (void)state;
    ndr_buffer out = {0};
    unsigned char *name = calloc(1, UINT16_MAX);
    assert_non_null(name);
    ndr_counted c = {.domain = {name, UINT16_MAX - NDR_COUNT_RECORD_LEAST}};
    assert_true(ndr_counted_put(&c, &out) && out.len == UINT16_MAX);
    c.domain.len++;
    assert_false(ndr_counted_put(&c, &out));
    free(name);
    ndr_buffer_free(&out);
}

/* ---- lists
 * ------------------------------------------------------------------------------
 */

enum { MANY = 3000 };

static uint64_t
random_of(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *seed >> 33;
}

/* One of many, the same each time; some twice, some twice as another thing. */
static ndr_counted
one_of_many(uint64_t i)
{
    static const char *const domains[] = {"", "a.example", "b.example", "c.example"};
    uint64_t seed = i / 2;
    const uint64_t a = random_of(&seed), b = random_of(&seed);
    return (ndr_counted){
        .step = (int64_t)(a % 40) * NDR_STEP_S - 10 * NDR_STEP_S,
        .id = {a * 7919 + b, {a * 7919 + b, a * 7919 + b}, b},
        .domain = ndr_slice_of(domains[b % 4]),
        .what = (uint32_t)(b % NDR_KIND_COUNT) * 2 + (i % 8 == 7) +
                ((uint32_t)(b / 4 % NDR_WHOSE_COUNT) << NDR_COUNT_WHOSE_AT),
    };
}

/* All rows of the file, as one text; the time is left out. */
static char *
dump(void)
{
    static const char text[] =
        "SELECT group_concat(x, ' ') FROM (SELECT name || ' ' || step || ' ' || kind || "
        "' ' || bounces || ' ' || junk AS x FROM domain JOIN count ON domain = domain.id "
        "UNION ALL SELECT step || ' ' || id || ' ' || what FROM seen UNION ALL SELECT "
        "name || ' ' || step || ' of ' || whose || ' ' || bounces FROM domain JOIN whose "
        "ON domain = domain.id UNION ALL SELECT seen "
        "|| ' ' || horizon FROM state ORDER BY 1)";
    sqlite3 *con = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(db, &con), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(con, text, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    char *copy = strdup((const char *)sqlite3_column_text(st, 0));
    (void)sqlite3_finalize(st);
    (void)sqlite3_close(con);
    return copy;
}

/* Count [0, MANY) in an order that `seed` says, `at_once` at a time added to a list that
 * has so much room; and what the file holds then. */
static char *
count(size_t room, size_t at_once, uint64_t seed, uint64_t remember,
      ndr_counts_added *told)
{
    size_t *order = calloc(MANY, sizeof *order);
    ndr_count_list *l = NULL;
    ndr_counts *c = NULL;
    ndr_buffer b = {0};
    assert_non_null(order);
    for (size_t i = 0; i < MANY; i++)
        order[i] = i;
    for (size_t i = MANY - 1; i > 0; i--) {
        const size_t k = (size_t)(random_of(&seed) % (i + 1)), was = order[i];
        order[i] = order[k];
        order[k] = was;
    }
    assert_int_equal(ndr_count_list_new(dir, room, &l, NULL), 0);
    for (size_t i = 0; i < MANY; i++) {
        const ndr_counted one = one_of_many(order[i]);
        assert_true(ndr_counted_put(&one, &b));
        if (i % at_once == at_once - 1 || i + 1 == MANY) {
            unsigned char *copy = exact_copy(b.ptr, b.len);
            assert_int_equal(ndr_count_list_add(l, (ndr_slice){copy, b.len}, NULL), 0);
            free(copy);
            ndr_buffer_clear(&b);
        }
    }
    assert_int_equal(ndr_counts_open(db, 1, &c, NULL), 0);
    if (remember > 0)
        ndr_counts_remember(c, remember);
    assert_int_equal(ndr_counts_take_list(c, l, 777, NULL, NULL), 0);
    assert_int_equal(ndr_counts_close(c, told, NULL), 0);
    ndr_count_list_free(l);
    ndr_buffer_free(&b);
    free(order);
    return dump();
}

static void
any_order_and_room_comes_to_the_same(void **state)
{
    (void)state;
    static const size_t rooms[] = {0, 1, 200, 5000, 100000};
    char *want = NULL;
    ndr_counts_added first;
    for (uint64_t i = 0; i < 10; i++) {
        ndr_counts_added told;
        begin();
        char *got = count(rooms[i % 5], 1 + (size_t)i * 37, i, 0, &told);
        if (i == 0) {
            want = got;
            first = told;
            end();
            continue;
        }
        assert_string_equal(got, want);
        assert_memory_equal(&told, &first, sizeof told);
        free(got);
        got = count(0, 99, i, 0, &told); /* the same again */
        assert_string_equal(got, want);
        assert_int_equal(told.counted + told.old, 0);
        free(got);
        end();
    }
    free(want);
}

static void
what_cannot_be_remembered_is_counted_all_the_same(void **state)
{
    (void)state;
    ndr_counts_added all, few;
    ndr_series_list list;
    uint64_t came = 0;
    int64_t horizon;
    begin();
    free(count(0, 10, 1, 0, &all));
    assert_int_equal(ndr_counts_horizon(db, &horizon, NULL), 0);
    assert_true(horizon == INT64_MIN);
    end();
    begin();
    free(count(0, 10, 2, 100, &few));
    assert_int_equal(few.counted, all.counted);
    assert_int_equal(few.old, 0);
    assert_int_equal(ndr_counts_read(db, -1000000, 1000000, 0, NULL, &list, NULL), 0);
    for (size_t i = 0; i < list.count; i++)
        for (size_t k = 0; k < list.series[i].count; k++)
            came += list.series[i].row[k].bounces;
    assert_int_equal(came, all.counted);
    assert_int_equal(list.fresh, 777);
    ndr_series_list_clear(&list);
    assert_int_equal(ndr_counts_horizon(db, &horizon, NULL), 0);
    assert_true(horizon > -10 * NDR_STEP_S);
    free(count(0, 10, 3, 100, &few)); /* and never twice */
    assert_int_equal(few.counted, 0);
    assert_true(few.old > 0);
    end();
}

static void
what_is_no_record_is_refused(void **state)
{
    (void)state;
    ndr_count_list *l = NULL;
    ndr_error err = {0};
    begin();
    assert_int_equal(ndr_count_list_new(dir, 0, &l, NULL), 0);
    unsigned char *copy = exact_copy("\0\x09nonsense", 10);
    assert_int_equal(ndr_count_list_add(l, (ndr_slice){copy, 10}, &err), NDR_E_DAMAGED);
    free(copy);
    ndr_count_list_free(l);
    end();
}

static void
a_list_of_none_leaves_a_file(void **state)
{
    (void)state;
    ndr_count_list *l = NULL;
    ndr_counts *c = NULL;
    ndr_counts_added told;
    ndr_stop stop = {0};
    begin();
    assert_int_equal(ndr_count_list_new(dir, 0, &l, NULL), 0);
    assert_int_equal(ndr_counts_open(db, 1, &c, NULL), 0);
    assert_int_equal(ndr_counts_take_list(c, l, 1, &stop, NULL), 0);
    assert_int_equal(ndr_counts_close(c, &told, NULL), 0);
    ndr_count_list_free(l);
    assert_int_equal(told.counted, 0);
    end();
}

int
main(void)
{
    add_test("a record comes back as it was, and is in its order", records_come_back);
    add_test("a length that is not that of the bytes is no record's",
             lengths_that_lie_are_no_records);
    add_test("a domain is as long as a record can hold",
             a_domain_beyond_a_record_is_none);
    add_test("in any order, in any portions, with any room: the same",
             any_order_and_room_comes_to_the_same);
    add_test("what is more than can be remembered is counted, and not again",
             what_cannot_be_remembered_is_counted_all_the_same);
    add_test("what is no record is refused", what_is_no_record_is_refused);
    add_test("no bounces are a file, too", a_list_of_none_leaves_a_file);
    return run_added(__FILE__);
}
