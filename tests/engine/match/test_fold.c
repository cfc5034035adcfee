/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/fold.h"

#include "base/utf8.h"
#include "bytes.h"

typedef struct fold_row {
    const char *why, *text, *want;
} fold_row;

static const fold_row folds[] = {
    {"nothing", "", ""},
    {"ASCII stays", "AbC", "AbC"},
    {"Latin-1", "\xc3\x84\xc3\x96\xc3\x9c\xc3\xa4", "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4"},
    {"the sign in the middle of Latin-1 stays", "\xc3\x97\xc3\xb7", "\xc3\x97\xc3\xb7"},
    {"sharp s stays", "\xc3\x9f", "\xc3\x9f"},
    {"pairs that begin even", "\xc4\x80\xc4\x81", "\xc4\x81\xc4\x81"},
    {"pairs that begin odd", "\xc4\xb9\xc4\xba", "\xc4\xba\xc4\xba"},
    {"Y with two dots goes back to Latin-1", "\xc5\xb8", "\xc3\xbf"},
    {"Greek", "\xce\x91\xce\xa9", "\xce\xb1\xcf\x89"},
    {"Cyrillic", "\xd0\x81\xd0\x90\xd0\xaf", "\xd1\x91\xd0\xb0\xd1\x8f"},
    {"Vietnamese, of two bytes and three", "\xc6\xa0\xc6\xaf\xe1\xbb\xa2",
     "\xc6\xa1\xc6\xb0\xe1\xbb\xa3"},
    {"Georgian stays where its small letters lie elsewhere", "\xe1\x82\xa0",
     "\xe1\x82\xa0"},
    {"Georgian capitals of titles", "\xe1\xb2\x90", "\xe1\x83\x90"},
    {"Greek with breathings", "\xe1\xbc\x88", "\xe1\xbc\x80"},
    {"three bytes", "\xe1\xba\xbe", "\xe1\xba\xbf"},
    {"what has no case stays", "\xe2\x82\xac\xe4\xbd\xa0\xf0\x9f\x98\x80",
     "\xe2\x82\xac\xe4\xbd\xa0\xf0\x9f\x98\x80"},
};

static void
fold_test(void **state)
{
    const fold_row *row = *state;
    const size_t n = strlen(row->text);
    unsigned char *p = exact_copy(row->text, n);
    ndr_fold(p, n);
    assert_slice(((ndr_slice){p, n}), row->want);
    free(p);
}

/* Folding keeps every character's length, is well-formed, and folds once. */
static void
law_test(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x30000; code++) {
        ndr_buffer b = {0};
        ndr_utf8_add(&b, code);
        unsigned char once[4] = {0};
        const size_t n = b.len;
        memcpy(once, b.ptr, n);
        ndr_fold(once, n);
        unsigned char twice[4];
        memcpy(twice, once, sizeof twice);
        ndr_fold(twice, n);
        if (ndr_utf8_length(once, n) != n || memcmp(once, twice, sizeof once) != 0)
            fail_msg("U+%04X", (unsigned)code);
        ndr_buffer_free(&b);
    }
}

typedef struct pattern_row {
    const char *why, *match;
    const char *want; /* NULL: refused */
} pattern_row;

static const pattern_row patterns[] = {
    {"ASCII stays", "^a[b-z]+(c|d)\\d$", "^a[b-z]+(c|d)\\d$"},
    {"letters beyond ASCII are folded",
     "ZUR\xc3\x9c"
     "CK",
     "ZUR\xc3\xbc"
     "CK"},
    {"one in front of a quantifier is grouped", "\xc3\xa4?b", "(?:\xc3\xa4)?b"},
    {"in front of a count too", "\xc3\x84{2}", "(?:\xc3\xa4){2}"},
    {"one in a class is refused", "[\xc3\xa4]", NULL},
    {"one in a negated class is refused", "[^a\xc3\xa4]", NULL},
    {"one behind a class is not", "[a]\xc3\xa4", "[a]\xc3\xa4"},
    {"a bracket that stands first is no end", "[]\xc3\xa4]", NULL},
    {"an escaped bracket opens nothing", "\\[\xc3\xa4", "\\[\xc3\xa4"},
    {"an escaped bracket ends nothing", "[\\]\xc3\xa4]", NULL},
    {"not UTF-8", "\xe4", NULL},
    {"a backslash at the end", "a\\", "a\\"},
    {"nothing", "", ""},
};

static void
pattern_test(void **state)
{
    const pattern_row *row = *state;
    char *match = (char *)exact_copy(row->match, strlen(row->match) + 1);
    ndr_buffer out = {0};
    ndr_error err = {0};
    const int rc = ndr_fold_pattern(match, &out, &err);
    free(match);
    assert_int_equal(rc, row->want != NULL ? 0 : NDR_E_SYNTAX);
    if (row->want != NULL)
        assert_string_equal((const char *)out.ptr, row->want);
    else
        assert_true(err.text[0] != '\0');
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(folds, fold_test);
    add_test("folding keeps lengths and is done once", law_test);
    ADD_ROWS(patterns, pattern_test);
    return run_added("fold");
}
