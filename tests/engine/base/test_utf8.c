/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/utf8.h"

#include "bytes.h"

typedef struct utf8_row {
    const char *why, *bytes;
    bool well_formed;
} utf8_row;

static const utf8_row rows[] = {
    {"nothing", "", true},
    {"ASCII", "abc", true},
    {"ASCII of more than a word", "abcdefghijklmnop", true},
    {"two bytes", "\xc3\xa4", true},
    {"three bytes", "\xe2\x82\xac", true},
    {"four bytes", "\xf0\x9f\x98\x80", true},
    {"the last code point", "\xf4\x8f\xbf\xbf", true},
    {"one beyond the last", "\xf4\x90\x80\x80", false},
    {"a fifth byte was never used", "\xf8\x88\x80\x80\x80", false},
    {"a tail alone", "\x80", false},
    {"two bytes for a slash", "\xc0\xaf", false},
    {"two bytes for DEL", "\xc1\xbf", false},
    {"three bytes for a slash", "\xe0\x80\xaf", false},
    {"four bytes for a euro", "\xf0\x82\x82\xac", false},
    {"a high surrogate", "\xed\xa0\x80", false},
    {"a low surrogate", "\xed\xbf\xbf", false},
    {"the last before the surrogates", "\xed\x9f\xbf", true},
    {"two bytes, cut", "a\xc3", false},
    {"three bytes, cut behind the first", "a\xe2", false},
    {"three bytes, cut behind the second", "a\xe2\x82", false},
    {"four bytes, cut behind the third", "a\xf0\x9f\x98", false},
    {"a head where a tail should be", "\xe2\xc3\xa4", false},
    {"0xff", "abcdefgh\xff", false},
};

static void
well_formed_test(void **state)
{
    const utf8_row *row = *state;
    const ndr_slice s = slice_copy(row->bytes);
    assert_int_equal(ndr_is_utf8(s), row->well_formed);
    bool high = false;
    for (size_t i = 0; i < s.len; i++)
        high = high || s.ptr[i] >= 0x80;
    assert_int_equal(ndr_is_ascii(s), !high);
    drop_slice(s);
}

static void
round_trip_test(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x110000; code++) {
        ndr_buffer b = {0};
        ndr_buffer_reserve(&b, 4);
        ndr_utf8_add(&b, code);
        const bool none = code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
        if (!ndr_is_utf8((ndr_slice){b.ptr, b.len}) ||
            ndr_utf8_length(b.ptr, b.len) != b.len ||
            none !=
                (b.len == 3 && memcmp(b.ptr, "\xef\xbf\xbd", 3) == 0 && code != 0xfffd))
            fail_msg("U+%04X", (unsigned)code);
        ndr_buffer_free(&b);
        code += code >= 0x800 ? 14 : 0; /* all short ones, many of the long ones */
    }
}

static void
ascii_test(void **state)
{
    (void)state;
    unsigned char bytes[40];
    for (size_t n = 0; n <= sizeof bytes; n++)
        for (size_t odd = 0; odd <= n; odd++) {
            memset(bytes, 'a', sizeof bytes);
            if (odd < n)
                bytes[odd] = 0x80;
            unsigned char *p = exact_copy(bytes, n);
            assert_int_equal(ndr_is_ascii((ndr_slice){p, n}), odd == n);
            free(p);
        }
}

static void
cp1252_test(void **state)
{
    (void)state;
    unsigned char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (unsigned char)i;
    ndr_buffer b = {0};
    ndr_utf8_add_cp1252(&b, (ndr_slice){bytes, sizeof bytes});
    assert_true(ndr_is_utf8((ndr_slice){b.ptr, b.len}));
    assert_memory_equal(b.ptr, bytes, 0x80);
    size_t at = 0, holes = 0, chars = 0;
    for (; at < b.len; chars++) {
        holes += b.len - at >= 3 && memcmp(b.ptr + at, "\xef\xbf\xbd", 3) == 0;
        at += ndr_utf8_length(b.ptr + at, b.len - at);
    }
    assert_int_equal(chars, 256);
    assert_int_equal(holes, 5);
    ndr_buffer_clear(&b);
    ndr_utf8_add_cp1252(&b, NDR_SLICE("\x80\x9f\xa0\xe4\xff"));
    assert_buffer(&b, "\xe2\x82\xac\xc5\xb8\xc2\xa0\xc3\xa4\xc3\xbf");
    ndr_buffer_free(&b);
}

typedef struct cut_row {
    const char *why, *bytes;
    size_t limit, want;
} cut_row;

static const cut_row cuts[] = {
    {"shorter than the limit", "abc", 5, 3},
    {"as long as the limit", "abc", 3, 3},
    {"ASCII is cut anywhere", "abc", 2, 2},
    {"in front of a character", "a\xc3\xa4", 1, 1},
    {"inside two bytes", "a\xc3\xa4", 2, 1},
    {"inside three bytes, behind the first", "a\xe2\x82\xac", 2, 1},
    {"inside three bytes, behind the second", "a\xe2\x82\xac", 3, 1},
    {"inside four bytes, behind the third", "\xf0\x9f\x98\x80", 3, 0},
    {"behind a character", "\xc3\xa4\xc3\xa4", 2, 2},
    {"tails without a head", "\x80\x80\x80\x80\x80", 4, 4},
    {"a head whose tail never comes",
     "a\xc3"
     "bc",
     2, 2},
    {"to nothing", "\xc3\xa4", 1, 0},
    {"at nothing", "ab", 0, 0},
};

static void
cut_test(void **state)
{
    const cut_row *row = *state;
    const ndr_slice s = slice_copy(row->bytes);
    const ndr_slice got = ndr_utf8_cut(s, row->limit);
    assert_ptr_equal(got.ptr, s.ptr);
    assert_int_equal(got.len, row->want);
    drop_slice(s);
}

typedef struct blank_row {
    const char *why, *bytes;
    size_t want;
} blank_row;

static const blank_row blanks[] = {
    {"space", " ", 1},
    {"tab", "\t", 1},
    {"DEL", "\x7f", 1},
    {"a letter", "a", 0},
    {"no-break space", "\xc2\xa0", 2},
    {"its neighbour", "\xc2\xa1", 0},
    {"half of it", "\xc2", 0},
    {"ideographic space", "\xe3\x80\x80", 3},
    {"its neighbour U+3001", "\xe3\x80\x81", 0},
    {"two thirds of it", "\xe3\x80", 0},
};

static void
blank_test(void **state)
{
    const blank_row *row = *state;
    const ndr_slice s = slice_copy(row->bytes);
    assert_int_equal(ndr_blank_length(s.ptr, s.len), row->want);
    drop_slice(s);
}

/* What ndr_plain_length says, a byte at a time. */
static size_t
plain_length(ndr_slice s)
{
    size_t i = 0;
    while (i < s.len && s.ptr[i] >= ' ' && s.ptr[i] < 0x7f &&
           !(i > 0 && s.ptr[i] == ' ' && s.ptr[i - 1] == ' '))
        i++;
    return i;
}

static void
plain_test(void **state)
{
    (void)state;
    static const char odd[] = {' ',    '\t', '\n', '\x7f', '\x80',
                               '\xff', 'a',  '~',  '!',    '\0'};
    unsigned char bytes[80];
    for (size_t n = 0; n <= sizeof bytes; n += n < 20 ? 1 : 13)
        for (size_t at = 0; at < (n > 0 ? n : 1); at++)
            for (size_t k = 0; k < sizeof odd; k++)
                for (int two = 0; two < 2; two++) {
                    memset(bytes, 'w', sizeof bytes);
                    if (n > 0)
                        bytes[at] = (unsigned char)odd[k];
                    if (two == 1 && at + 1 < n)
                        bytes[at + 1] = ' ';
                    const ndr_slice s = {exact_copy(bytes, n), n};
                    if (ndr_plain_length(s) != plain_length(s))
                        fail_msg("%zu bytes, byte %zu is %d, two %d: %zu, not %zu", n, at,
                                 odd[k], two, ndr_plain_length(s), plain_length(s));
                    drop_slice(s);
                }
}

int
main(void)
{
    ADD_ROWS(rows, well_formed_test);
    add_test("what is written can be read", round_trip_test);
    add_test("a high byte is seen at every place of every length", ascii_test);
    add_test("every byte of windows-1252", cp1252_test);
    ADD_ROWS(cuts, cut_test);
    ADD_ROWS(blanks, blank_test);
    add_test("plain text ends at the same byte as a slow reader says", plain_test);
    return run_added("utf8");
}
