/* SPDX-License-Identifier: BSD-3-Clause */
#include "yaml_full.h"

#include "harness.h"

typedef struct scalar_row {
    const char *why, *value;
    bool plain;
    const char *want;
} scalar_row;

static const scalar_row scalars[] = {
    {"a word", "word", false, "\"word\"\n"},
    {"what would be true stays text between quotes", "true", false, "\"true\"\n"},
    {"plain it is true", "true", true, "true\n"},
    {"no text", "", false, "\"\"\n"},
    {"quotes and backslashes", "a\"\\b", false, "\"a\\\"\\\\b\"\n"},
    {"a line end", "a\nb", false, "\"a\\nb\"\n"},
    {"letters beyond ASCII are seen", "b\xc3\xbc", false, "\"b\xc3\xbc\"\n"},
};

static void
scalar_test(void **state)
{
    const scalar_row *row = *state;
    ndr_yaml_full f = {0};
    ndr_slice text;
    unsigned char *copy = exact_copy(row->value, strlen(row->value));
    ndr_yaml_full_begin(&f);
    ndr_yaml_full_scalar(&f, (ndr_slice){copy, strlen(row->value)}, row->plain);
    free(copy);
    assert_true(ndr_yaml_full_end(&f, &text));
    assert_true(text.len >= strlen(row->want));
    assert_memory_equal(text.ptr, row->want, strlen(row->want));
    ndr_yaml_full_free(&f);
    assert_null(f.text.ptr);
    ndr_yaml_full_free(&f); /* twice is once */
}

static void
word(ndr_yaml_full *f, const char *text)
{
    ndr_yaml_full_scalar(f, ndr_slice_of(text), true);
}

static void
nested_test(void **state)
{
    (void)state;
    static const char want[] = "rules:\n- id: a\n  any:\n  - x\n  - y\nnone: []\n";
    ndr_yaml_full f = {0};
    ndr_slice text;
    for (int round = 0; round < 2; round++) { /* begun again after it was freed */
        ndr_yaml_full_begin(&f);
        ndr_yaml_full_open_map(&f);
        word(&f, "rules");
        ndr_yaml_full_open_list(&f);
        ndr_yaml_full_open_map(&f);
        word(&f, "id");
        word(&f, "a");
        word(&f, "any");
        ndr_yaml_full_open_list(&f);
        word(&f, "x");
        word(&f, "y");
        ndr_yaml_full_close_list(&f);
        ndr_yaml_full_close_map(&f);
        ndr_yaml_full_close_list(&f);
        word(&f, "none");
        ndr_yaml_full_open_list(&f);
        ndr_yaml_full_close_list(&f);
        ndr_yaml_full_close_map(&f);
        assert_true(ndr_yaml_full_end(&f, &text));
        assert_int_equal(text.len, strlen(want));
        assert_memory_equal(text.ptr, want, strlen(want));
        ndr_yaml_full_free(&f);
    }
}

static void
long_test(void **state)
{
    (void)state;
    enum { LONG = 5000 };
    static char bytes[LONG];
    for (int i = 0; i < LONG; i++)
        bytes[i] = i % 7 == 6 ? ' ' : 'a';
    bytes[LONG - 1] = 'z';
    ndr_yaml_full f = {0};
    ndr_slice text;
    ndr_yaml_full_begin(&f);
    ndr_yaml_full_scalar(&f, (ndr_slice){(unsigned char *)bytes, LONG}, false);
    assert_true(ndr_yaml_full_end(&f, &text));
    assert_int_equal(text.len, LONG + 3); /* one line */
    assert_memory_equal(text.ptr + 1, bytes, LONG);
    ndr_yaml_full_free(&f);
}

static void
failed_test(void **state)
{
    (void)state;
    ndr_yaml_full f = {0};
    ndr_slice text;
    ndr_yaml_full_begin(&f);
    ndr_yaml_full_close_map(&f); /* of none: the emitter refuses it */
    assert_true(f.failed);
    ndr_yaml_full_open_list(&f); /* nothing any more */
    word(&f, "x");
    ndr_yaml_full_close_list(&f);
    assert_false(ndr_yaml_full_end(&f, &text));
    ndr_yaml_full_free(&f);
}

int
main(void)
{
    ADD_ROWS(scalars, scalar_test);
    add_test("maps and lists in each other", nested_test);
    add_test("what is long is one line", long_test);
    add_test("after a failure nothing is done", failed_test);
    return run_added("yaml_full");
}
