/* SPDX-License-Identifier: BSD-3-Clause */
#include "forwarded.h"
#include "harness.h"

#include <stdio.h>

#define SECRET "0123456789012345678901234567890123456789012"

/* The list: uid 33, 192.0.2.0/28 and 2001:db8::/64 with the secret. */
static const struct row {
    const char *why, *peer;
    header_field field[6];
    int status;
    const char *person, *address;
} rows[] = {
    {"a proxy's user names a person",
     "uid 33",
     {{"Remote-User", "anna"}},
     0,
     "anna",
     "uid 33"},
    {"in any case", "uid 33", {{"REMOTE-USER", "anna"}}, 0, "anna", "uid 33"},
    {"another user does not", "uid 1000", {{"Remote-User", "anna"}}, 403, "", "uid 1000"},
    {"nor one whose number begins alike",
     "uid 333",
     {{"Remote-User", "anna"}},
     403,
     "",
     "uid 333"},
    {"a listed address with the secret does",
     "192.0.2.1",
     {{"X-Proxy-Secret", SECRET}, {"Remote-User", "anna"}},
     0,
     "anna",
     "192.0.2.1"},
    {"without it, it does not",
     "192.0.2.1",
     {{"Remote-User", "anna"}},
     403,
     "",
     "192.0.2.1"},
    {"with a wrong one neither",
     "192.0.2.1",
     {{"X-Proxy-Secret", "1123456789012345678901234567890123456789012"},
      {"Remote-User", "anna"}},
     403,
     "",
     "192.0.2.1"},
    {"the secret from elsewhere is not enough",
     "198.51.100.1",
     {{"X-Proxy-Secret", SECRET}, {"Remote-User", "anna"}},
     403,
     "",
     "198.51.100.1"},
    {"loopback alone is nobody",
     "127.0.0.1",
     {{"Remote-User", "anna"}},
     403,
     "",
     "127.0.0.1"},
    {"twice there",
     "uid 33",
     {{"Remote-User", "anna"}, {"Remote-User", "berta"}},
     400,
     "",
     "uid 33"},
    {"twice the same",
     "uid 33",
     {{"Remote-User", "anna"}, {"remote-user", "anna"}},
     400,
     "",
     "uid 33"},
    {"empty", "uid 33", {{"Remote-User", ""}}, 400, "", "uid 33"},
    {"spelt with an underscore", "uid 33", {{"Remote_User", "anna"}}, 400, "", "uid 33"},
    {"beside the right one",
     "uid 33",
     {{"Remote-User", "anna"}, {"Remote_user", "berta"}},
     400,
     "",
     "uid 33"},
    {"a stranger's too",
     "198.51.100.1",
     {{"Remote_User", "anna"}},
     400,
     "",
     "198.51.100.1"},
    {"a secret spelt so",
     "192.0.2.1",
     {{"X_Proxy-Secret", SECRET}},
     400,
     "",
     "192.0.2.1"},
    {"two secrets",
     "192.0.2.1",
     {{"X-Proxy-Secret", SECRET}, {"X-Proxy-Secret", "x"}},
     400,
     "",
     "192.0.2.1"},
    {"hops spelt so", "uid 33", {{"X_Forwarded_For", "10.0.0.1"}}, 400, "", "uid 33"},
    {"a longer name is another field",
     "uid 33",
     {{"Remote-User-Name", ""}},
     0,
     "",
     "uid 33"},
    {"a shorter one too", "uid 33", {{"Remote", ""}}, 0, "", "uid 33"},
    {"nobody is named", "uid 33", {{"Accept", "text/html"}}, 0, "", "uid 33"},
    {"the client behind a proxy",
     "uid 33",
     {{"X-Forwarded-For", "203.0.113.9"}},
     0,
     "",
     "203.0.113.9"},
    {"what the client wrote in front does not count",
     "uid 33",
     {{"X-Forwarded-For", "10.9.9.9, 203.0.113.9"}},
     0,
     "",
     "203.0.113.9"},
    {"a second proxy of the list is passed by",
     "uid 33",
     {{"X-Forwarded-For", "10.9.9.9, 203.0.113.9, 192.0.2.1"}},
     0,
     "",
     "203.0.113.9"},
    {"over two fields too",
     "uid 33",
     {{"X-Forwarded-For", "10.9.9.9, 203.0.113.9"},
      {"X-Forwarded-For", "192.0.2.1,192.0.2.2"}},
     0,
     "",
     "203.0.113.9"},
    {"all of the list: the left-most",
     "uid 33",
     {{"X-Forwarded-For", "192.0.2.1, 192.0.2.2"}},
     0,
     "",
     "192.0.2.1"},
    {"what is no address ends the way",
     "uid 33",
     {{"X-Forwarded-For", "10.0.0.1, unknown, 192.0.2.1"}},
     0,
     "",
     "192.0.2.1"},
    {"a port is no part of it",
     "uid 33",
     {{"X-Forwarded-For", "203.0.113.9:4711"}},
     0,
     "",
     "203.0.113.9"},
    {"IPv6 with a port",
     "uid 33",
     {{"X-Forwarded-For", "[2001:db9::1]:443"}},
     0,
     "",
     "2001:db9::1"},
    {"IPv6 of the list",
     "uid 33",
     {{"X-Forwarded-For", "2001:db9::1, 2001:db8::7"}},
     0,
     "",
     "2001:db9::1"},
    {"an empty hop ends it",
     "uid 33",
     {{"X-Forwarded-For", "10.0.0.1,"}},
     0,
     "",
     "uid 33"},
    {"a bracket that does not close",
     "uid 33",
     {{"X-Forwarded-For", "[2001:db9::1"}},
     0,
     "",
     "uid 33"},
    {"a network is no address",
     "uid 33",
     {{"X-Forwarded-For", "10.0.0.0/8"}},
     0,
     "",
     "uid 33"},
    {"a stranger's hops do not count",
     "198.51.100.1",
     {{"X-Forwarded-For", "10.0.0.1"}},
     0,
     "",
     "198.51.100.1"},
    {"nor a listed address's without the secret",
     "192.0.2.1",
     {{"X-Forwarded-For", "10.0.0.1"}},
     0,
     "",
     "192.0.2.1"},
};

static void
reads(void **state)
{
    const struct row *r = *state;
    proxies p = {.uid = {33},
                 .uid_count = 1,
                 .network_count = 2,
                 .header = "Remote-User",
                 .secret = SECRET};
    size_t n = 0;
    assert_true(ndr_network_parse("192.0.2.0/28", &p.network[0]));
    assert_true(ndr_network_parse("2001:db8::/64", &p.network[1]));
    while (n < 6 && r->field[n].name != NULL)
        n++;
    header_field *field = (header_field *)(void *)exact_copy(r->field, n * sizeof *field);
    const forwarded f = forwarded_read(&p, r->peer, field, n);
    free(field);
    assert_int_equal(f.status, r->status);
    if (f.status == 0)
        assert_string_equal(f.person, r->person);
    assert_string_equal(f.address, r->address);
    assert_true(f.status == 0 || f.words != NULL);
}

static void
without_a_list(void **state)
{
    const proxies none = {0};
    const header_field field[] = {{"Remote-User", "anna"},
                                  {"Remote_User", "x"},
                                  {"X-Proxy-Secret", ""},
                                  {"X-Forwarded-For", "10.0.0.1"}};
    (void)state;
    const forwarded f = forwarded_read(&none, "127.0.0.1", field, 4);
    assert_int_equal(f.status, 0); /* fields like any other */
    assert_string_equal(f.person, "");
    assert_string_equal(f.address, "127.0.0.1");
    assert_false(f.by_proxy);
}

int
main(void)
{
    ADD_ROWS(rows, reads);
    add_test("where no proxy was named, none of it counts", without_a_list);
    return run_added("forwarded");
}
