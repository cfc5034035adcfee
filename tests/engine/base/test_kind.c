/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"

typedef struct kind_row {
    const char *why; /* the word itself */
    enum ndr_kind kind;
} kind_row;

/* Rules, windows, records and caches hold these words: they stay what they are. */
static const kind_row kinds[] = {
    {"failed", NDR_KIND_FAILED},       {"delayed", NDR_KIND_DELAYED},
    {"delivered", NDR_KIND_DELIVERED}, {"rejected-content", NDR_KIND_REJECTED_CONTENT},
    {"challenge", NDR_KIND_CHALLENGE}, {"auto-reply", NDR_KIND_AUTO_REPLY},
    {"receipt", NDR_KIND_RECEIPT},     {"feedback", NDR_KIND_FEEDBACK},
};

static void
kind_test(void **state)
{
    const kind_row *row = *state;
    const ndr_slice word = slice_copy(row->why);
    assert_string_equal(ndr_kind_name(row->kind), row->why);
    assert_int_equal(ndr_kind_find(word), row->kind);
    assert_int_equal(ndr_kind_find((ndr_slice){word.ptr, word.len - 1}), NDR_KIND_NONE);
    drop_slice(word);
}

typedef struct no_kind_row {
    const char *why, *word;
} no_kind_row;

static const no_kind_row no_kinds[] = {
    {"none is no kind's word", "none"},
    {"no word at all", ""},
    {"capitals", "Failed"},
    {"a blank behind it", "failed "},
    {"more behind it", "failedx"},
    {"an underscore for a hyphen", "auto_reply"},
};

static void
no_kind_test(void **state)
{
    const no_kind_row *row = *state;
    const ndr_slice word = slice_copy(row->word);
    assert_int_equal(ndr_kind_find(word), NDR_KIND_NONE);
    drop_slice(word);
}

typedef struct origin_row {
    const char *why; /* the word itself */
    enum ndr_origin origin;
} origin_row;

static const origin_row origins[] = {
    {"unknown", NDR_FROM_NOTHING},
    {"path", NDR_FROM_PATH},
    {"delivered-to", NDR_FROM_DELIVERED_TO},
    {"x-original-to", NDR_FROM_X_ORIGINAL_TO},
    {"envelope-to", NDR_FROM_ENVELOPE_TO},
    {"x-envelope-to", NDR_FROM_X_ENVELOPE_TO},
    {"x-delivered-to", NDR_FROM_X_DELIVERED_TO},
    {"received", NDR_FROM_RECEIVED},
    {"to", NDR_FROM_TO},
    {"from-line", NDR_FROM_POSTMARK},
    {"maildir-name", NDR_FROM_MAILDIR_NAME},
    {"file-time", NDR_FROM_FILE_TIME},
    {"date", NDR_FROM_DATE},
    {"clock", NDR_FROM_CLOCK},
    {"journal", NDR_FROM_JOURNAL},
    {"envelope", NDR_FROM_ENVELOPE},
};

static void
origin_test(void **state)
{
    const origin_row *row = *state;
    assert_string_equal(ndr_origin_name(row->origin), row->why);
}

static void
all_test(void **state)
{
    (void)state;
    assert_int_equal(sizeof kinds / sizeof kinds[0], NDR_KIND_COUNT - 1);
    assert_int_equal(sizeof origins / sizeof origins[0], NDR_FROM_COUNT);
    assert_string_equal(ndr_kind_name(NDR_KIND_NONE), "none");
    assert_string_equal(ndr_decision_name(NDR_NONE), "none");
    assert_string_equal(ndr_decision_name(NDR_KEEP), "keep");
    assert_string_equal(ndr_decision_name(NDR_JUNK), "junk");
    assert_string_equal(ndr_whose_name(NDR_WHOSE_UNKNOWN), "unknown");
    assert_string_equal(ndr_whose_name(NDR_WHOSE_OURS), "ours");
    assert_string_equal(ndr_whose_name(NDR_WHOSE_FORWARDED), "forwarded");
    assert_string_equal(ndr_whose_name(NDR_WHOSE_FORGED), "forged");
}

typedef struct take_row {
    const char *why, *word;
    bool found;
    enum ndr_take take;
} take_row;

static const take_row takes[] = {
    {"all", "all", true, NDR_TAKE_ALL},
    {"all but what is ours", "all-but-ours", true, NDR_TAKE_NOT_OURS},
    {"what is forged", "forged", true, NDR_TAKE_FORGED},
    {"what is usual has no word to be found by", "", false, NDR_TAKE_USUAL},
    {"capitals", "All", false, NDR_TAKE_USUAL},
    {"no such word", "none", false, NDR_TAKE_USUAL},
    {"the front of one", "all-but", false, NDR_TAKE_USUAL},
};

static void
take_test(void **state)
{
    const take_row *row = *state;
    const ndr_slice word = slice_copy(row->word);
    enum ndr_take got = NDR_TAKE_COUNT;
    assert_int_equal(ndr_take_find(word, &got), row->found);
    assert_int_equal(got, row->found ? row->take : NDR_TAKE_COUNT); /* else untouched */
    if (row->found)
        assert_string_equal(ndr_take_name(row->take), row->word);
    assert_string_equal(ndr_take_name(NDR_TAKE_USUAL), "");
    drop_slice(word);
}

int
main(void)
{
    ADD_ROWS(kinds, kind_test);
    ADD_ROWS(no_kinds, no_kind_test);
    ADD_ROWS(origins, origin_test);
    add_test("no kind and no origin is left out", all_test);
    ADD_ROWS(takes, take_test);
    return run_added("kind");
}
