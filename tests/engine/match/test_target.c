/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/target.h"

#include "bytes.h"

typedef struct field_row {
    const char *why, *word;
    const char *want; /* NULL: no header:NAME */
} field_row;

static const field_row rows[] = {
    {"a header field", "header:x-spam", "x-spam"},
    {"the name keeps its case", "header:X-Spam", "X-Spam"},
    {"no name", "header:", NULL},
    {"a word of its own", "subject", NULL},
    {"a blank in the name", "header:x spam", NULL},
    {"a colon in the name", "header:x:", NULL},
    {"letters beyond ASCII", "header:\xc3\xa4", NULL},
    {"a control character", "header:a\x01", NULL},
    {"another word before the colon", "field:x", NULL},
    {"nothing", "", NULL},
    {"seventy-six bytes",
     "header:"
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhh",
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhh"},
    {"seventy-seven bytes",
     "header:"
     "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhh",
     NULL},
};

static void
field_test(void **state)
{
    const field_row *row = *state;
    const char *got = ndr_target_field(row->word);
    assert_int_equal(got != NULL, row->want != NULL);
    if (got != NULL)
        assert_string_equal(got, row->want);
    if (row->want != NULL)
        assert_int_equal(ndr_target_find(row->word), -1);
}

static void
table_test(void **state)
{
    (void)state;
    for (size_t i = 0; i < ndr_target_count; i++) {
        const ndr_target *t = &ndr_targets[i];
        assert_int_equal(ndr_target_find(t->word), i);
        assert_int_equal(t->field != NULL, t->area == NDR_AREA_HEADER);
        assert_non_null(strstr(ndr_target_words(), t->word));
        assert_int_equal(i >= NDR_TARGET_FIRST_FIELD, t->area == NDR_AREA_HEADER);
        for (const char *c = t->field == NULL ? "" : t->field; *c != '\0'; c++)
            assert_false(*c >= 'A' && *c <= 'Z');
    }
    assert_int_equal(ndr_target_find("Subject"), -1);
    assert_int_equal(ndr_target_find("body"), -1);
    assert_int_equal(ndr_target_find(""), -1);
    assert_string_equal(ndr_targets[NDR_TARGET_TEXT].word, "text");
    assert_string_equal(ndr_targets[NDR_TARGET_PART].word, "part");
    assert_string_equal(ndr_targets[NDR_TARGET_STATUS].word, "status");
}

int
main(void)
{
    ADD_ROWS(rows, field_test);
    add_test("every target is found, said and in its area", table_test);
    return run_added("target");
}
