/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"

#include "quote.h"

#define TEN "0123456789"

typedef struct quote_row {
    const char *why, *text;
    size_t len; /* 0: strlen */
    const char *want;
} quote_row;

static const quote_row quotes[] = {
    {"nothing", "", 0, "''"},
    {"a word", "word", 0, "'word'"},
    {"UTF-8 as it is",
     "b\xc3\xbc"
     "cher",
     0,
     "'b\xc3\xbc"
     "cher'"},
    {"control characters", "a\n\x1b[2J\x7f\tb", 0, "'a??[2J??b'"},
    {"a NUL", "a\0b", 3, "'a?b'"},
    {"66 bytes fit", TEN TEN TEN TEN TEN TEN "012345", 0,
     "'" TEN TEN TEN TEN TEN TEN "012345'"},
    {"67 bytes are cut", TEN TEN TEN TEN TEN TEN "0123456", 0,
     "'" TEN TEN TEN TEN TEN TEN "012345…'"},
    {"a character is not cut through", TEN TEN TEN TEN TEN TEN "01234\xc3\xbc more", 0,
     "'" TEN TEN TEN TEN TEN TEN "01234…'"},
    {"a character that just fits stays", TEN TEN TEN TEN TEN TEN "0123\xc3\xbc more", 0,
     "'" TEN TEN TEN TEN TEN TEN "0123\xc3\xbc…'"},
};

static void
quote_test(void **state)
{
    const quote_row *row = *state;
    const size_t n = row->len > 0 ? row->len : strlen(row->text);
    unsigned char *copy = exact_copy(row->text, n);
    char *got = malloc(NDR_QUOTE_MAX);
    assert_non_null(got);
    ndr_quote((ndr_slice){copy, n}, got);
    free(copy);
    assert_string_equal(got, row->want);
    free(got);
}

static void
path_test(void **state)
{
    (void)state;
    static const struct {
        const char *path, *want;
    } cases[] = {
        {"", ""},
        {"a/b.yaml", "a/b.yaml"},
        {"a\nb", "a?b"},
        {TEN "012345678", TEN "012345678"},
        {TEN TEN, "…4567890123456789"},
        {TEN "\xc3\xbc" TEN "01234", "…" TEN "01234"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *got = malloc(20);
        assert_non_null(got);
        ndr_quote_path(cases[i].path, got, 20);
        assert_true(strlen(got) < 20);
        assert_string_equal(got, cases[i].want);
        free(got);
    }
}

/* The words of an error list are those of the kinds, all of them. */
static void
kinds_test(void **state)
{
    (void)state;
    char words[NDR_KIND_WORDS_MAX];
    ndr_kind_words(words);
    assert_string_equal(words, "failed, delayed, delivered, rejected-content, challenge, "
                               "auto-reply, receipt, feedback");
}

int
main(void)
{
    ADD_ROWS(quotes, quote_test);
    add_test("a long path keeps its tail", path_test);
    add_test("every kind's word", kinds_test);
    return run_added("quote");
}
