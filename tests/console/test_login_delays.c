/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "known_browser.h"
#include "login_delays.h"

#include <stdio.h>

/* How many of `count` tries, `every_ms` apart, are let through. */
static unsigned
let_through(login_delays *d, login_try t, unsigned count, int64_t every_ms, int64_t *now)
{
    unsigned n = 0;
    for (unsigned i = 0; i < count; i++, *now += every_ms)
        n += login_delays_take(d, &t, *now) == 0;
    return n;
}

static login_delays *
fresh(void)
{
    login_delays *d = calloc(1, sizeof *d);
    assert_non_null(d);
    assert_int_equal(login_delays_init(d, NULL), 0);
    return d;
}

static void
a_flood_from_one_address(void **state)
{
    login_delays *d = fresh();
    int64_t now = 1000000;
    (void)state;
    /* 100,000 in 100 s: a handful costs a hash */
    assert_in_range(
        let_through(d, (login_try){"anna", "192.0.2.1", NULL}, 100000, 1, &now), 3, 12);
    free(d);
}

static void
a_flood_over_names(void **state)
{
    login_delays *d = fresh();
    unsigned n = 0;
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "name%u", i);
        n += login_delays_take(d, &(login_try){name, "2001:db8::1", NULL}, 1000000 + i) ==
             0;
    }
    assert_in_range(n, 12, 40);
    /* another address of the same /64 waits too, one of another does not */
    assert_true(login_delays_take(d, &(login_try){"x", "2001:db8::2", NULL}, 1100000) >
                0);
    assert_int_equal(
        login_delays_take(d, &(login_try){"x", "2001:db8:0:1::2", NULL}, 1100000), 0);
    free(d);
}

static void
a_flood_over_addresses(void **state)
{
    login_delays *d = fresh();
    unsigned n = 0;
    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        char address[32];
        (void)snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, i >> 8 & 255,
                       i & 255);
        n += login_delays_take(d, &(login_try){"anna", address, NULL}, 1000000 + i) == 0;
    }
    assert_in_range(n, 10, 40);
    free(d);
}

static void
no_lock(void **state)
{
    login_delays *d = fresh();
    int64_t now = 1000000;
    const login_try stranger = {"anna", "192.0.2.1", NULL},
                    anna = {"anna", "198.51.100.7", NULL},
                    known = {"anna", "192.0.2.1", "a browser of hers"};
    (void)state;
    (void)let_through(d, stranger, 5000, 1000, &now);
    /* her own browser is let in at once, from wherever it asks */
    assert_int_equal(login_delays_take(d, &known, now), 0);
    login_delays_right(d, &known);
    /* another one after seconds, however long that went on */
    int64_t wait = login_delays_take(d, &anna, now);
    assert_in_range(wait, 0, 8000);
    assert_int_equal(login_delays_take(d, &anna, now + 8000), 0);
    /* a refused one makes nobody's wait longer */
    (void)let_through(d, stranger, 20, 1, &now);
    wait = login_delays_take(d, &stranger, now);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(login_delays_take(d, &stranger, now), wait);
    /* and an hour later nothing is left of it */
    now += 3600 * 1000;
    assert_int_equal(let_through(d, stranger, 3, 1, &now), 3);
    free(d);
}

static void
right_ones_are_free(void **state)
{
    login_delays *d = fresh();
    const login_try t = {"anna", "192.0.2.1", NULL};
    (void)state;
    for (int i = 0; i < 100; i++) {
        assert_int_equal(login_delays_take(d, &t, 1000000), 0);
        login_delays_right(d, &t);
    }
    /* whoever knows one password pays nothing with it for the wrong ones of others */
    const login_try other = {"berta", "192.0.2.1", NULL};
    unsigned n = 0;
    for (int i = 0; i < 100; i++) {
        n += login_delays_take(d, &other, 1000000) == 0;
        if (login_delays_take(d, &t, 1000000) == 0)
            login_delays_right(d, &t);
    }
    assert_in_range(n, 3, 4);
    free(d);
}

static void
known_browsers(void **state)
{
    secret token, newer;
    char value[KNOWN_BYTES], bent[KNOWN_BYTES];
    (void)state;
    assert_int_equal(secret_new(token, NULL), 0);
    assert_int_equal(secret_new(newer, NULL), 0);
    assert_int_equal(known_browser_make(token, "anna", 1000, value, NULL), 0);
    assert_true(known_browser_is(token, "anna", value, 1000));
    assert_false(known_browser_is(token, "berta", value, 1000));
    assert_false(known_browser_is(token, "", value, 1000));
    assert_false(known_browser_is(newer, "anna", value, 1000));
    assert_true(known_browser_is(token, "anna", value, 1000 + KNOWN_DAYS * 86400 - 1));
    assert_false(known_browser_is(token, "anna", value, 1000 + KNOWN_DAYS * 86400));
    assert_false(known_browser_is(token, "anna", NULL, 1000));
    for (size_t i = 0; i < strlen(value); i++) {
        memcpy(bent, value, sizeof bent);
        bent[i] ^= 1;
        assert_false(known_browser_is(token, "anna", bent, 1000));
        bent[i] = '\0';
        assert_false(known_browser_is(token, "anna", bent, 1000));
    }
}

int
main(void)
{
    add_test("100,000 tries from one address: a handful is let through",
             a_flood_from_one_address);
    add_test("names in turn do not help, nor addresses of one network",
             a_flood_over_names);
    add_test("nor do addresses in turn", a_flood_over_addresses);
    add_test("a stranger's tries lock nobody out", no_lock);
    add_test("right passwords cost no wait, and pay for no wrong ones",
             right_ones_are_free);
    add_test("a browser is known by its cookie, its name's and no other's",
             known_browsers);
    return run_added("login_delays");
}
