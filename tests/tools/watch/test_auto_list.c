/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkstemp */
#include "watch/auto_list.h"

#include "harness.h"
#include "ndrscan_rules.h"

#include <stdio.h>
#include <unistd.h>

typedef struct list_row {
    const char *why, *text;
    int code;
    const char *want; /* "domain take owner; …", or words of the error */
} list_row;
static const list_row rows[] = {
    {"nothing", "", 0, ""},
    {"comments and empty lines", "# none\n\n  \t\n", 0, ""},
    {"domains, sorted, in one form", "B.example.\nbücher.example # ours\na.example", 0,
     "a.example all-but-ours ;b.example all-but-ours ;xn--bcher-kva.example "
     "all-but-ours ;"},
    {"what to take, and the owner",
     "a.example forged ann\nb.example\tall-but-ours bob\r\n", 0,
     "a.example forged ann;b.example all-but-ours bob;"},
    {"one of which none opens", "a.example never\n", 0, "a.example never ;"},
    {"all is not taken by itself", "\na.example all\n", NDR_E_SYNTAX,
     ":2: 'all': a window that opens itself takes all-but-ours or forged"},
    {"nor an unknown word", "a.example some\n", NDR_E_SYNTAX, ":1: 'some': a window"},
    {"no domain", "a_b@c\n", NDR_E_SYNTAX, ":1: "},
    {"twice", "a.example\nA.example forged\n", NDR_E_SYNTAX,
     "a.example is there twice; leave one out"},
    {"a word too many", "a.example forged ann now\n", NDR_E_SYNTAX,
     ":1: there are more than three words"},
};

static void
list_test(void **state)
{
    const list_row *row = *state;
    char path[] = "/tmp/ndr-auto-XXXXXX", got[400] = "";
    const int fd = mkstemp(path);
    auto_list l;
    ndr_error err = {0};
    size_t at = 0;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, row->text, strlen(row->text)), strlen(row->text));
    (void)close(fd);
    const int code = auto_list_load(path, &l, &err);
    (void)unlink(path);
    assert_int_equal(code, row->code);
    if (code != 0) {
        assert_non_null(strstr(err.text, row->want));
        return;
    }
    for (size_t i = 0; i < l.count; i++) {
        at += (size_t)snprintf(got + at, sizeof got - at, "%s %s %s;", l.row[i].domain,
                               l.row[i].never ? "never" : ndr_take_name(l.row[i].take),
                               l.row[i].owner);
        assert_ptr_equal(auto_list_find(&l, l.row[i].domain), &l.row[i]);
    }
    assert_null(auto_list_find(&l, "c.example"));
    assert_string_equal(got, row->want);
    auto_list_free(&l);
}

static void
missing_test(void **state)
{
    (void)state;
    auto_list l;
    ndr_error err = {0};
    assert_int_equal(auto_list_load("/nonexistent/auto.list", &l, &err), NDR_E_SYS);
    assert_non_null(strstr(err.text, "/nonexistent/auto.list"));
}

static void
join_test(void **state)
{
    (void)state;
    auto_domain own[] = {
        {.domain = "b.example", .take = NDR_TAKE_FORGED, .owner = "shop"},
        {.domain = "n.example", .take = NDR_TAKE_NOT_OURS, .never = true},
    };
    auto_wish wished[] = {
        {.domain = "a.example", .take = NDR_TAKE_FORGED},
        {.domain = "b.example", .take = NDR_TAKE_NOT_OURS},
        {.domain = "n.example", .take = NDR_TAKE_NOT_OURS},
        {.domain = "p.example", .take = NDR_TAKE_NOT_OURS, .person = "ann"},
    };
    static const char text[] =
        "admins:\n- {name: ann, domains: [p.example], role: switch, proxy: a}\n";
    const auto_list file = {own, 2};
    const auto_wishes wishes = {wished, 4};
    ndr_admins *people = NULL;
    auto_list l;
    assert_int_equal(auto_list_join(&file, &wishes, NULL, &l, NULL), 0);
    assert_int_equal(l.count, 2);
    assert_string_equal(l.row[0].domain, "a.example");
    assert_int_equal(l.row[0].take, NDR_TAKE_FORGED);
    assert_int_equal(l.row[1].take, NDR_TAKE_FORGED); /* the operator's word */
    auto_list_free(&l);
    assert_int_equal(ndr_admins_parse("x", ndr_slice_of(text), &people, NULL), 0);
    assert_int_equal(auto_list_join(&file, &wishes, people, &l, NULL), 0);
    assert_int_equal(l.count, 3);
    const auto_domain *p = auto_list_find(&l, "p.example");
    assert_true(p != NULL && strcmp(p->owner, "ann") == 0);
    assert_null(auto_list_find(&l, "n.example"));
    auto_list_free(&l);
    ndr_admins_free(people);
}

int
main(void)
{
    ADD_ROWS(rows, list_test);
    add_test("no file is an error that names it", missing_test);
    add_test("wishes join it, and its own lines win", join_test);
    return run_added("auto_list");
}
