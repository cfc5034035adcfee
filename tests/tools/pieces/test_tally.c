/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "pieces/tally.h"

#include <stdio.h>

static void
add(tally *t, const char *domain, uint64_t bounces, uint64_t junk)
{
    const size_t n = strlen(domain);
    unsigned char *copy = exact_copy(domain, n);
    tally_add(t, (ndr_slice){copy, n}, bounces, junk);
    free(copy);
}

static void
most_bounces_come_first_then_names(void **state)
{
    (void)state;
    tally t = {0};
    ndr_stats st = {0};
    add(&t, "b.example", 2, 1);
    add(&t, "a.example", 2, 0);
    add(&t, "", 1, 1);
    add(&t, "c.example", 1, 0);
    add(&t, "c.example", 4, 3);
    assert_int_equal(tally_stats(&t, &st, NULL), 0);
    assert_int_equal(st.domain_count, 4);
    static const ndr_domain_count want[] = {
        {.domain = "c.example", .bounces = 5, .junk = 3},
        {.domain = "a.example", .bounces = 2},
        {.domain = "b.example", .bounces = 2, .junk = 1},
        {.domain = "", .bounces = 1, .junk = 1}};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(st.domain[i].domain, want[i].domain);
        assert_int_equal(st.domain[i].bounces, want[i].bounces);
        assert_int_equal(st.domain[i].junk, want[i].junk);
    }
    ndr_stats_clear(&st);
    tally_free(&t);
}

/* Into `to` in an order that `step`, odd, makes of it. */
static void
add_many(tally *to, unsigned step)
{
    for (unsigned i = 0; i < 4096; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "d%u.example", i * step % 4096 % 700);
        add(to, name, i * step % 4096, 1);
    }
}

static void
joined_in_any_order_it_is_the_same(void **state)
{
    (void)state;
    tally parts[3], one = {0}, two = {0};
    memset(parts, 0, sizeof parts);
    ndr_stats a = {0}, b = {0};
    add_many(&parts[0], 1);
    add_many(&parts[1], 77);
    add_many(&parts[2], 4095);
    for (size_t i = 0; i < 3; i++) {
        tally_join(&one, &parts[i]);
        tally_join(&two, &parts[2 - i]);
    }
    assert_int_equal(tally_stats(&one, &a, NULL), 0);
    assert_int_equal(tally_stats(&two, &b, NULL), 0);
    assert_int_equal(a.domain_count, 700);
    assert_int_equal(b.domain_count, 700);
    for (size_t i = 0; i < 700; i++) {
        assert_string_equal(a.domain[i].domain, b.domain[i].domain);
        assert_int_equal(a.domain[i].bounces, b.domain[i].bounces);
        assert_int_equal(a.domain[i].junk, b.domain[i].junk);
    }
    ndr_stats_clear(&a);
    ndr_stats_clear(&b);
    for (size_t i = 0; i < 3; i++)
        tally_free(&parts[i]);
    tally_free(&one);
    tally_free(&two);
}

static void
more_domains_than_there_is_room_for_are_others(void **state)
{
    (void)state;
    tally t = {0};
    char name[300];
    for (unsigned i = 0; i < TALLY_MOST + 10; i++) {
        (void)snprintf(name, sizeof name, "%u", i);
        add(&t, name, 1, 0);
    }
    memset(name, 'x', sizeof name);
    name[256] = '\0'; /* longer than a domain is */
    add(&t, name, 5, 0);
    assert_int_equal(t.count, TALLY_MOST);
    assert_int_equal(t.other, 15);
    add(&t, "0", 1, 1); /* one that is there still counts */
    assert_int_equal(t.row[0].bounces, 2);
    tally_clear(&t);
    assert_int_equal(t.count + t.other, 0);
    add(&t, "0", 1, 0);
    assert_int_equal(t.row[0].bounces, 1);
    tally_free(&t);
}

static void
windows_are_counted_by_their_place(void **state)
{
    (void)state;
    tally t = {0}, u = {0};
    ndr_stats st = {0};
    tally_add_window(&t, 1, 2, 3);
    tally_add_window(&t, 0, 3, 4); /* there are more by now */
    tally_add_window(&u, 2, 3, 5);
    tally_join(&t, &u);
    assert_int_equal(tally_stats(&t, &st, NULL), 0);
    assert_int_equal(st.junk_by_window[0], 4);
    assert_int_equal(st.junk_by_window[1], 3);
    assert_int_equal(st.junk_by_window[2], 5);
    ndr_stats_clear(&st);
    tally_free(&t);
    tally_free(&u);
}

int
main(void)
{
    add_test("most bounces come first, then names", most_bounces_come_first_then_names);
    add_test("joined in any order it is the same", joined_in_any_order_it_is_the_same);
    add_test("more domains than there is room for are others",
             more_domains_than_there_is_room_for_are_others);
    add_test("windows are counted by their place", windows_are_counted_by_their_place);
    return run_added(__FILE__);
}
