/* SPDX-License-Identifier: BSD-3-Clause */
#include "run/domain_counts.h"

#include "bytes.h"

#include <stdio.h>

static void
count_one(ndr_domain_counts *t, const char *domain, bool junk)
{
    const ndr_verdict v = {.decision = junk ? NDR_JUNK : NDR_KEEP,
                           .domain = ndr_slice_of(domain)};
    ndr_domain_counts_add(t, NULL, &v);
}

static const ndr_domain_count *
row_of(const ndr_stats *st, const char *domain)
{
    for (size_t i = 0; i < st->domain_count; i++)
        if (strcmp(st->domain[i].domain, domain) == 0)
            return &st->domain[i];
    return NULL;
}

static void
merge_test(void **state)
{
    (void)state;
    ndr_domain_counts t[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(ndr_domain_counts_init(&t[i], 0, NULL), 0);
    for (int i = 0; i < 5; i++)
        count_one(&t[i % 2], "b.example", i == 0);
    count_one(&t[0], "a.example", true);
    count_one(&t[1], "c.example", false);
    count_one(&t[1], "", false);
    count_one(&t[1], "", false);
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(t, 3, &st, NULL), 0);
    assert_int_equal(st.domain_count, 4);
    const char *const order[] = {"b.example", "", "a.example", "c.example"};
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(st.domain[i].domain, order[i]);
    assert_int_equal(st.domain[0].bounces, 5);
    assert_int_equal(st.domain[0].junk, 1);
    assert_int_equal(st.domain[1].bounces, 2);
    assert_int_equal(st.other_domains, 0);
    assert_null(st.junk_by_window);
    ndr_stats_clear(&st);
    assert_null(st.domain);
    for (int i = 0; i < 3; i++)
        ndr_domain_counts_done(&t[i]);
}

static void
empty_test(void **state)
{
    (void)state;
    ndr_domain_counts t;
    assert_int_equal(ndr_domain_counts_init(&t, 0, NULL), 0);
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(&t, 1, &st, NULL), 0);
    assert_int_equal(st.domain_count, 0);
    ndr_stats_clear(&st);
    assert_int_equal(ndr_domain_counts_merge(NULL, 0, &st, NULL), 0);
    ndr_stats_clear(&st);
    ndr_domain_counts_done(&t);
    ndr_domain_counts_done(&t); /* of nothing */
}

static void
window_test(void **state)
{
    (void)state;
    const ndr_window rows[3] = {{.from = 1}, {.from = 2}, {.from = 3}};
    const ndr_windows w = {rows, 3};
    ndr_domain_counts t[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(ndr_domain_counts_init(&t[i], 3, NULL), 0);
    for (int i = 0; i < 10; i++) {
        const ndr_verdict v = {.decision = NDR_JUNK,
                               .domain = NDR_SLICE("a.example"),
                               .window = &rows[i % 3 == 0 ? 2 : 0]};
        ndr_domain_counts_add(&t[i % 2], &w, &v);
    }
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(t, 2, &st, NULL), 0);
    assert_int_equal(st.junk_by_window[0], 6);
    assert_int_equal(st.junk_by_window[1], 0);
    assert_int_equal(st.junk_by_window[2], 4);
    ndr_stats_clear(&st);
    ndr_domain_counts_done(&t[0]);
    ndr_domain_counts_done(&t[1]);
}

/* Every bounce is counted somewhere, whatever was thinned out. */
static uint64_t
total(const ndr_stats *st)
{
    uint64_t sum = st->other_domains;
    for (size_t i = 0; i < st->domain_count; i++)
        sum += st->domain[i].bounces;
    return sum;
}

static void
storm_test(void **state)
{
    (void)state;
    ndr_domain_counts t;
    assert_int_equal(ndr_domain_counts_init(&t, 0, NULL), 0);
    enum { OTHERS = 100000, STORM = 5000 };
    for (int i = 0; i < 50; i++)
        count_one(&t, "early.example", false);
    char domain[40];
    for (int i = 0; i < OTHERS; i++) {
        (void)snprintf(domain, sizeof domain, "d%d.example", i);
        count_one(&t, domain, false);
        if (i >= OTHERS - STORM)
            count_one(&t, "storm.example", true);
    }
    assert_true(t.used < NDR_DOMAIN_COUNTS_ROWS);
    assert_true(t.names.len < 2 << 20);
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(&t, 1, &st, NULL), 0);
    assert_int_equal(total(&st), OTHERS + STORM + 50);
    assert_string_equal(st.domain[0].domain,
                        "storm.example"); /* it began late and shows */
    assert_int_equal(st.domain[0].bounces, STORM);
    assert_int_equal(st.domain[0].junk, STORM);
    assert_non_null(row_of(&st, "early.example"));
    assert_true(st.other_domains > 0);
    ndr_stats_clear(&st);
    ndr_domain_counts_done(&t);
}

/* Names as long as names can be fill their room long before the rows. */
static void
long_names_test(void **state)
{
    (void)state;
    ndr_domain_counts t;
    assert_int_equal(ndr_domain_counts_init(&t, 0, NULL), 0);
    enum { NAMES = 20000 };
    char domain[256];
    memset(domain, 'a', sizeof domain);
    domain[255] = '\0';
    size_t most = 0;
    for (int i = 0; i < NAMES; i++) {
        const int n = snprintf(domain, 12, "%d", i);
        domain[n] = '.';
        for (int k = 0; k < 3; k++) /* no name is so rare that one look drops it */
            count_one(&t, domain, false);
        count_one(&t, "storm.example", true);
        most = t.names.len > most ? t.names.len : most;
    }
    assert_true(most < (1 << 20) + 512);
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(&t, 1, &st, NULL), 0);
    assert_int_equal(total(&st), 4 * NAMES);
    assert_string_equal(st.domain[0].domain, "storm.example");
    assert_int_equal(st.domain[0].bounces, NAMES);
    assert_non_null(row_of(&st, domain)); /* there is room for new names again */
    assert_int_equal(row_of(&st, domain)->bounces, 3);
    ndr_stats_clear(&st);
    ndr_domain_counts_done(&t);
}

static void
long_name_test(void **state)
{
    (void)state;
    ndr_domain_counts t;
    assert_int_equal(ndr_domain_counts_init(&t, 0, NULL), 0);
    char domain[300];
    memset(domain, 'a', sizeof domain);
    ndr_verdict v = {.domain = {(const unsigned char *)domain, 255}};
    ndr_domain_counts_add(&t, NULL, &v);
    v.domain.len = 256; /* no domain is that long */
    ndr_domain_counts_add(&t, NULL, &v);
    ndr_stats st = {0};
    assert_int_equal(ndr_domain_counts_merge(&t, 1, &st, NULL), 0);
    assert_int_equal(st.domain_count, 1);
    assert_int_equal(strlen(st.domain[0].domain), 255);
    assert_int_equal(st.other_domains, 1);
    ndr_stats_clear(&st);
    ndr_domain_counts_done(&t);
}

int
main(void)
{
    add_test("tallies sum, most bounces first, then by name", merge_test);
    add_test("nothing was counted", empty_test);
    add_test("junk by window", window_test);
    add_test("a storm that begins late survives a hundred thousand domains", storm_test);
    add_test("long names are thinned out by their room", long_names_test);
    add_test("a name of 255 bytes fits, a longer one does not", long_name_test);
    return run_added("domain_counts");
}
