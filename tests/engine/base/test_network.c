/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndr_network.h"

static const struct row {
    const char *why, *network, *address;
    bool want;
} rows[] = {
    {"an address in a network of IPv4", "192.0.2.0/24", "192.0.2.255", true},
    {"beside it", "192.0.2.0/24", "192.0.3.0", false},
    {"bits that end inside a byte", "198.51.100.128/25", "198.51.100.129", true},
    {"and beside them", "198.51.100.128/25", "198.51.100.127", false},
    {"one address", "192.0.2.1", "192.0.2.1", true},
    {"and not the next", "192.0.2.1", "192.0.2.2", false},
    {"a network of IPv6", "2001:db8::/32", "2001:db8:1::2", true},
    {"as Received has it", "2001:db8::/32", "IPv6:2001:db8:1::2", true},
    {"IPv4 in IPv6", "192.0.2.0/24", "::ffff:192.0.2.7", true},
    {"all of IPv4 is not IPv6", "0.0.0.0/0", "2001:db8::1", false},
    {"no address", "192.0.2.0/24", "192.0.2", false},
    {"nothing", "192.0.2.0/24", "", false},
};

static void
test_row(void **state)
{
    const struct row *row = *state;
    ndr_network n;
    const size_t len = strlen(row->address);
    unsigned char *exact = exact_copy(row->address, len);
    assert_true(ndr_network_parse(row->network, &n));
    assert_int_equal(ndr_network_has(&n, 1, (ndr_slice){exact, len}), row->want);
    assert_false(ndr_network_has(&n, 0, (ndr_slice){exact, len}));
    free(exact);
}

static void
test_refused(void **state)
{
    (void)state;
    static const char *const no[] = {"",  "192.0.2.0/33",   "192.0.2.0/",  "192.0.2.0/x",
                                     "x", "2001:db8::/129", "192.0.2.0/-1"};
    ndr_network n;
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
        assert_false(ndr_network_parse(no[i], &n));
}

static void
test_loopback(void **state)
{
    (void)state;
    assert_true(ndr_network_loopback(NDR_SLICE("127.0.0.1")));
    assert_true(ndr_network_loopback(NDR_SLICE("127.9.9.9")));
    assert_true(ndr_network_loopback(NDR_SLICE("IPv6:::1")));
    assert_false(ndr_network_loopback(NDR_SLICE("128.0.0.1")));
    assert_false(ndr_network_loopback(NDR_SLICE("::2")));
}

int
main(void)
{
    ADD_ROWS(rows, test_row);
    add_test("what is no network is refused", test_refused);
    add_test("loopback is known", test_loopback);
    return run_added(__FILE__);
}
