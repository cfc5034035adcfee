/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "counts_box.h"

typedef struct counts_row {
    const char *why;
    look first[4],
        second[4]; /* up to the first without a domain; second in a later run */
    unsigned kinds;
    const char *want;
} counts_row;
static const counts_row rows[] = {
    {"steps of five minutes, [0, 300)",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"b", "x", "b.example", 299, F, false, NULL},
      {"c", "x", "b.example", 300, F, true, NULL}},
     {{0}},
     0,
     "b.example 0:2/0 300:1/1"},
    {"times before 1970 too",
     {{"a", "x", "b.example", -1, F, false, NULL}},
     {{0}},
     0,
     "b.example -300:1/0"},
    {"what is no bounce is not counted",
     {{"a", "x", "b.example", 0, NDR_KIND_NONE, false, NULL}},
     {{0}},
     0,
     ""},
    {"a rescan counts nothing twice",
     {{"a", "x", "b.example", 0, F, false, NULL}},
     {{"a", "x", "b.example", 10, F, false, NULL}},
     0,
     "b.example 0:1/0"},
    {"nor does the same mail twice in one run",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"a", "x", "b.example", 0, F, false, NULL}},
     {{0}},
     0,
     "b.example 0:1/0"},
    {"one message to two recipients is two",
     {{"a", "x", "b.example", 0, F, false, NULL},
      {"a", "y", "b.example", 0, F, false, NULL}},
     {{0}},
     0,
     "b.example 0:2/0"},
    {"a second look corrects verdict and kind",
     {{"a", "x", "b.example", 0, D, false, NULL}},
     {{"a", "x", "b.example", 0, F, true, NULL}},
     0,
     "b.example 0:1/1"},
    {"of some kinds only",
     {{"a", "x", "b.example", 0, D, false, NULL},
      {"b", "x", "b.example", 0, F, true, NULL}},
     {{0}},
     NDR_KIND_BIT(NDR_KIND_DELAYED),
     "b.example 0:1/0"},
    {"domains in order, the unknown one first",
     {{"a", "x", "c.example", 0, F, false, NULL},
      {"b", "x", "b.example", 0, F, false, NULL},
      {"c", "", "", 0, F, false, NULL}},
     {{0}},
     0,
     " 0:1/0\nb.example 0:1/0\nc.example 0:1/0"},
    {"one Message-ID does not make a storm one bounce",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1\nReceived: by evil"},
      {"same", "x", "b.example", 0, F, false, "Received: by mx id 2\nReceived: by evil"},
      {"same", "x", "b.example", 0, F, false, "Received: by mx id 3\nReceived: by evil"}},
     {{0}},
     0,
     "b.example 0:3/0"},
    {"but the same delivery is one, wherever it lies, folded or not",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1;\n today\nX: y"}},
     {{"same", "x", "b.example", 0, F, false,
       "Status: RO\r\nReceived: by mx\r\n\tid 1; today\r\nX: z"}},
     0,
     "b.example 0:1/0"},
    {"also when systems behind the filter that counted it took it on",
     {{"same", "x", "b.example", 0, F, false, "Received: by mx id 1\nReceived: by evil"}},
     {{"same", "x", "b.example", 0, F, true,
       "Received: by lmtp id 8\nReceived: by back id 7\nReceived: by mx id 1\n"
       "Received: by evil"}},
     0,
     "b.example 0:1/1"},
    {"without Received the store's own fields do not matter",
     {{"same", "x", "b.example", 0, F, false, "Subject: x\nX-NDR-Flag: YES\n\nbody"}},
     {{"same", "x", "b.example", 0, F, false, "Return-Path: <>\nSubject: x\n\nbody"}},
     0,
     "b.example 0:1/0"},
    {"without Message-ID the header tells them apart",
     {{"", "x", "b.example", 0, F, false, "Received: by a id 1\nSubject: x\n\nbody"},
      {"", "x", "b.example", 0, F, false, "Received: by a id 2\nSubject: x\n\nbody"}},
     {{0}},
     0,
     "b.example 0:2/0"},
    {"and knows them again after the store's changes",
     {{"", "x", "b.example", 0, F, false,
       "Received: by a\r\n id 1\r\nSubject: x\r\n\r\nbody"}},
     {{"", "x", "b.example", 0, F, false,
       "Status: RO\nX-UID: 7\n 8\nReceived: by a\n id 1\nSubject: x\n\nother"}},
     0,
     "b.example 0:1/0"},
};

static size_t
looks_in(const look *l)
{
    size_t n = 0;
    while (n < 4 && l[n].domain != NULL)
        n++;
    return n;
}

static void
counts_test(void **state)
{
    const counts_row *row = *state;
    char got[1000];
    begin();
    count(row->first, looks_in(row->first), NULL);
    if (looks_in(row->second) > 0)
        count(row->second, looks_in(row->second), NULL);
    show(row->kinds, got, sizeof got);
    end();
    assert_string_equal(got, row->want);
}

static void
told_test(void **state)
{
    (void)state;
    static const look some[] = {
        {"a", "x", "b.example", 0, F, false, NULL},
        {"b", "x", "b.example", 0, F, false, NULL},
        {"c", "x", "b.example", NDR_TIME_UNKNOWN, F, false, NULL}};
    static const look later[] = {{"a", "x", "b.example", 0, F, true, NULL},
                                 {"b", "x", "b.example", 0, F, false, NULL},
                                 {"d", "x", "b.example", 0, F, false, NULL}};
    ndr_counts_added first, second;
    begin();
    count(some, 3, &first);
    count(later, 3, &second);
    end();
    assert_int_equal(first.counted, 2);
    assert_int_equal(first.undated, 1);
    assert_int_equal(second.counted, 1);
    assert_int_equal(second.changed, 1);
    assert_int_equal(second.known, 1);
}

static void
whose_test(void **state)
{
    (void)state;
    enum { U = NDR_WHOSE_UNKNOWN, O = NDR_WHOSE_OURS, X = NDR_WHOSE_FORGED };
    static const int nobody[] = {-1, -1, -1},
                     first[] = {-1, O, X, X, U, NDR_WHOSE_FORWARDED},
                     second[] = {X, -1, -1, U, -1, -1};
    ndr_counts_added told;
    char got[200];
    begin();
    assert_int_equal(count_whose(nobody, 3, true, &told), 2); /* older programs read it */
    show_whose(0, 600, "b.example", "0 0 0 0");
    assert_int_equal(count_whose(first, 6, true, &told), 4);
    assert_int_equal(told.counted, 3);
    assert_int_equal(told.known, 3);
    show_whose(0, 600, "b.example", "1 1 1 2");
    show_whose(0, 300, "b.example", "1 0 0 1");
    show_whose(0, 600, "c.example", "0 0 0 0");
    /* what was found stays where nobody asks again, and is corrected where he does */
    assert_int_equal(count_whose(second, 6, true, &told), 4);
    assert_int_equal(told.known, 6);
    show_whose(0, 600, "b.example", "2 1 1 2");
    assert_int_equal(count_whose(second, 6, false, &told), 4);
    assert_int_equal(told.changed, 6);
    show_whose(0, 600, "b.example", "2 1 1 2");
    show(0, got, sizeof got);
    end();
    assert_string_equal(got, "b.example 0:3/0 300:3/0");
}

int
main(void)
{
    ADD_ROWS(rows, counts_test);
    add_test("what was new, known and changed is told", told_test);
    add_test("whose mail came back is counted once it is asked", whose_test);
    return run_added("counts_rows");
}
