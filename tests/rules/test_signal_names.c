/* SPDX-License-Identifier: BSD-3-Clause */
#include "signal_names.h"

#include "harness.h"

#include <stdio.h>

static bool yes = true, no = false;
static char in_text[] = "text", word[] = "x";
static char one[] = "gone", two[] = "away", before[] = "^", after[] = "$";
static char *matches[] = {one, two};

#define IN     .in = in_text
#define MATCH  .match = matches, .match_count = 1
#define BOTH   .match = matches, .match_count = 2
#define BEFORE .before = before
#define AFTER  .after = after

typedef struct fault_row {
    const char *why;
    ndr_signal_entry entry;
    const char *want; /* a part of the words; NULL: nothing is wrong */
} fault_row;

static const fault_row faults[] = {
    {"a pattern", {IN, MATCH}, NULL},
    {"alternatives with something around", {IN, BOTH, BEFORE, AFTER}, NULL},
    {"a field that is not there", {IN, .absent = &yes}, NULL},
    {"a field that is there", {IN, .present = &yes}, NULL},
    {"nowhere", {MATCH}, "'in' is missing"},
    {"absent: false", {IN, .absent = &no}, "absent: false"},
    {"absent: false beside a match", {IN, MATCH, .absent = &no}, "absent: false"},
    {"present: false", {IN, .present = &no}, "absent: true"},
    {"a pattern and absent", {IN, MATCH, .absent = &yes}, "one of"},
    {"a pattern and present", {IN, MATCH, .present = &yes}, "one of"},
    {"absent and present", {IN, .absent = &yes, .present = &yes}, "one of"},
    {"nothing", {IN}, "no match"},
    {"before alone", {IN, BEFORE}, "no match"},
    {"before and absent", {IN, BEFORE, .absent = &yes}, "before and after"},
    {"after and present", {IN, AFTER, .present = &yes}, "before and after"},
};

static void
fault_test(void **state)
{
    const fault_row *row = *state;
    const char *got = ndr_signal_fault(&row->entry);
    if (row->want == NULL)
        assert_null(got);
    else if (got == NULL || strstr(got, row->want) == NULL)
        fail_msg("%s", got == NULL ? "no fault" : got);
}

typedef struct make_row {
    const char *why;
    ndr_signal_entry entry;
    const char *match; /* NULL: none */
} make_row;

static const make_row makes[] = {
    {"a pattern as it is", {IN, MATCH}, "gone"},
    {"alternatives", {IN, BOTH}, "gone|away"},
    {"one with something before", {IN, MATCH, BEFORE}, "^(gone)"},
    {"alternatives with something behind", {IN, BOTH, AFTER}, "(gone|away)$"},
    {"and around", {IN, BOTH, BEFORE, AFTER}, "^(gone|away)$"},
    {"absent", {IN, .absent = &yes}, NULL},
    {"present", {IN, .present = &yes}, NULL},
};

static void
make_test(void **state)
{
    const make_row *row = *state;
    ndr_signal_names n = {0};
    ndr_signal_spec spec;
    memset(&spec, 0xff, sizeof spec); /* nothing of it stays */
    assert_true(ndr_signal_make(&n, &row->entry, &spec));
    assert_ptr_equal(spec.target, in_text);
    assert_int_equal(spec.absent, row->entry.absent != NULL);
    assert_int_equal(spec.present, row->entry.present != NULL);
    if (row->match == NULL)
        assert_null(spec.match);
    else
        assert_string_equal(spec.match, row->match);
    ndr_signal_names_free(&n);
    assert_null(n.row);
    ndr_signal_names_free(&n); /* twice is once */
}

/* Patterns stay where they are while others are made. */
static void
many_test(void **state)
{
    (void)state;
    enum { MANY = 200 };
    const ndr_signal_entry entry = {IN, BOTH};
    ndr_signal_names n = {0};
    ndr_signal_spec spec[MANY];
    for (int i = 0; i < MANY; i++)
        assert_true(ndr_signal_make(&n, &entry, &spec[i]));
    assert_int_equal(n.made_count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_string_equal(spec[i].match, "gone|away");
    assert_ptr_not_equal(spec[0].match, spec[MANY - 1].match);
    ndr_signal_names_free(&n);
}

/* ---- rows ---- */

enum { ROWS = 6 };

static void
sort_test(void **state)
{
    (void)state;
    static char a[] = "a", b[] = "b", ab[] = "a-b", big[] = "B";
    static const ndr_signal_entry ea = {.name = a}, eb = {.name = b}, eab = {.name = ab},
                                  ebig = {.name = big};
    ndr_signal_names n = {.row = calloc(ROWS, sizeof *n.row), .count = ROWS};
    assert_non_null(n.row);
    n.row[0] = (ndr_signal_name){.entry = &eb, .file = 0, .number = 1};
    n.row[1] = (ndr_signal_name){.entry = &ea, .file = 2, .number = 2};
    n.row[2] = (ndr_signal_name){.entry = &eab, .file = 1, .number = 3};
    n.row[3] = (ndr_signal_name){.entry = &ea, .file = 0, .number = 4};
    n.row[4] = (ndr_signal_name){.entry = &ebig, .file = 1, .number = 5};
    n.row[5] = (ndr_signal_name){.entry = &ea, .file = 1, .number = 6};
    ndr_signal_names_sort(&n);
    const size_t want[ROWS] = {5, 4, 6, 2, 3, 1}; /* B a a a a-b b */
    for (int i = 0; i < ROWS; i++) {
        assert_int_equal(n.row[i].number, want[i]);
        assert_int_equal(n.row[i].replaced, i == 1 || i == 2);
    }
    assert_int_equal(ndr_signal_names_find(&n, "a")->number, 2); /* of the last file */
    assert_int_equal(ndr_signal_names_find(&n, "B")->number, 5);
    assert_int_equal(ndr_signal_names_find(&n, "a-b")->number, 3);
    assert_int_equal(ndr_signal_names_find(&n, "b")->number, 1);
    assert_null(ndr_signal_names_find(&n, ""));
    assert_null(ndr_signal_names_find(&n, "A"));
    assert_null(ndr_signal_names_find(&n, "a-"));
    assert_null(ndr_signal_names_find(&n, "c"));
    ndr_signal_names_free(&n);
}

static void
none_test(void **state)
{
    (void)state;
    ndr_signal_names n = {0};
    ndr_signal_names_sort(&n);
    assert_null(ndr_signal_names_find(&n, "a"));
    const ndr_signal_entry entry = {.name = word};
    n.row = calloc(1, sizeof *n.row);
    assert_non_null(n.row);
    n.row[0].entry = &entry;
    n.count = 1;
    ndr_signal_names_sort(&n);
    assert_ptr_equal(ndr_signal_names_find(&n, "x"), n.row);
    assert_false(n.row[0].replaced);
    ndr_signal_names_free(&n);
}

int
main(void)
{
    ADD_ROWS(faults, fault_test);
    ADD_ROWS(makes, make_test);
    add_test("patterns stay while others are made", many_test);
    add_test("of one name the last file's counts", sort_test);
    add_test("no row, and one alone", none_test);
    return run_added("signal_names");
}
