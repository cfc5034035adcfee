/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan.h"

typedef struct hidden_row {
    const char *why;
    uint32_t first, last;          /* all of them are hidden, and their neighbours … */
    bool more_before, more_behind; /* … but these are */
} hidden_row;

static const hidden_row rows[] = {
    {"C0", 0x00, 0x1f, true, false},
    {"DEL and C1", 0x7f, 0x9f, false, false},
    {"the soft hyphen", 0xad, 0xad, false, false},
    {"the combining grapheme joiner", 0x34f, 0x34f, false, false},
    {"the Arabic letter mark", 0x61c, 0x61c, false, false},
    {"Hangul fillers", 0x115f, 0x1160, false, false},
    {"Khmer vowels that are not drawn", 0x17b4, 0x17b5, false, false},
    {"Mongolian selectors", 0x180b, 0x180f, false, false},
    {"no width, and marks of direction", 0x200b, 0x200f, false, false},
    {"separators, embedding and override", 0x2028, 0x202e, false, false},
    {"isolates and joiners", 0x2060, 0x206f, false, false},
    {"the wide Hangul filler", 0x3164, 0x3164, false, false},
    {"noncharacters among Arabic forms", 0xfdd0, 0xfdef, false, false},
    {"the byte order mark", 0xfeff, 0xfeff, false, false},
    {"the Hangul filler of half width", 0xffa0, 0xffa0, false, false},
    {"annotations", 0xfff0, 0xfffb, false, false},
    {"the last of the basic plane", 0xfffe, 0xffff, false, false},
    {"shorthand", 0x1bca0, 0x1bca3, false, false},
    {"music", 0x1d173, 0x1d17a, false, false},
    {"tags, of which a text that nobody sees is made", 0xe0000, 0xe0fff, true, false},
    {"the last of all", 0x10fffe, 0x10ffff, false, true},
};

static void
hidden_test(void **state)
{
    const hidden_row *row = *state;
    for (uint32_t code = row->first; code <= row->last; code++)
        if (!ndr_char_hidden(code))
            fail_msg("%#x", code);
    if (!row->more_before)
        assert_false(ndr_char_hidden(row->first - 1));
    if (!row->more_behind)
        assert_false(ndr_char_hidden(row->last + 1));
}

/* Of every code point: it is in a row above or ends a plane, or it is seen. */
static void
every_test(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        bool want = (code & 0xffff) >= 0xfffe;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !want; i++)
            want = code >= rows[i].first && code <= rows[i].last;
        if (ndr_char_hidden(code) != want)
            fail_msg("%#x", code);
    }
}

typedef struct seen_row {
    const char *why;
    uint32_t code;
} seen_row;

static const seen_row seen[] = {
    {"a blank", ' '},
    {"a letter", 'a'},
    {"a no-break space", 0xa0},
    {"an accent", 0x301},
    {"an Arabic number sign is drawn", 0x600},
    {"a variation selector of the basic plane", 0xfe0f},
    {"the replacement character", 0xfffd},
    {"an emoji", 0x1f4e7},
    {"private use", 0xe000},
};

static void
seen_test(void **state)
{
    const seen_row *row = *state;
    assert_false(ndr_char_hidden(row->code));
}

int
main(void)
{
    ADD_ROWS(rows, hidden_test);
    ADD_ROWS(seen, seen_test);
    add_test("no other character is hidden", every_test);
    return run_added("hidden");
}
