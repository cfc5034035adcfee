/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/charset.h"

#include "base/utf8.h"
#include "bytes.h"

#include <iconv.h>

typedef struct charset_row {
    const char *why, *name, *in, *want;
} charset_row;

static const charset_row rows[] = {
    {"not declared, ASCII", "", "abc", "abc"},
    {"not declared, UTF-8", "", "\xc3\xa4", "\xc3\xa4"},
    {"not declared, else windows-1252", "", "\xe4\x80", "\xc3\xa4\xe2\x82\xac"},
    {"one bad byte makes all of it windows-1252", "", "\xc3\xa4\xe4",
     "\xc3\x83\xc2\xa4\xc3\xa4"},
    {"utf-8 that is", "utf-8", "\xc3\xa4", "\xc3\xa4"},
    {"utf-8 that is not", "UTF-8", "\xe4", "\xc3\xa4"},
    {"us-ascii that is UTF-8", "us-ascii", "\xc3\xa4", "\xc3\xa4"},
    {"an unknown name", "x-nobody", "\xc3\xa4", "\xc3\xa4"},
    {"a name iconv would take options from", "utf-16//translit", "a", "a"},
    {"a name of odd bytes", "\xff\xfe", "\xe4", "\xc3\xa4"},
    {"a name of blanks", " ", "a", "a"},
    {"a name longer than any", "iso-8859-2-iso-8859-2-iso-8859-2-iso-8859-2-iso-8859-2",
     "\xb1", "\xc2\xb1"},
    {"iso-8859-1 is windows-1252, even of bytes that are UTF-8", "ISO-8859-1",
     "\xc3\xa4\x80", "\xc3\x83\xc2\xa4\xe2\x82\xac"},
    {"windows-1252", "windows-1252", "\x80", "\xe2\x82\xac"},
    {"iso-8859-2", "iso-8859-2", "\xb1", "\xc4\x85"},
    {"iso-8859-15", "iso-8859-15", "\xa4", "\xe2\x82\xac"},
    {"koi8-r", "KOI8-R", "\xc1\xc2", "\xd0\xb0\xd0\xb1"},
    {"windows-1251", "windows-1251", "\xe0", "\xd0\xb0"},
    {"gb2312 reads as gb18030", "gb2312", "\xc4\xe3\x80\x30\x81\x30",
     "\xe4\xbd\xa0\xef\xbf\xbd"
     "0\xef\xbf\xbd"
     "0"},
    {"gbk", "GBK", "\xc4\xe3", "\xe4\xbd\xa0"},
    {"shift_jis reads as cp932", "Shift_JIS", "\x87\x40", "\xe2\x91\xa0"},
    {"euc-kr reads as cp949", "euc-kr", "\x81\x41", "\xea\xb0\x82"},
    {"ks_c_5601-1987 reads as cp949", "ks_c_5601-1987", "\xb0\xa1", "\xea\xb0\x80"},
    {"big5", "big5", "\xa7\x41", "\xe4\xbd\xa0"},
    {"iso-2022-jp", "iso-2022-jp", "\x1b$B$\"\x1b(B", "\xe3\x81\x82"},
    {"UTF-8 that is called iso-2022-jp", "iso-2022-jp", "\xe3\x81\x82", "\xe3\x81\x82"},
    {"UTF-8 that is called utf-7", "utf-7", "a \xc3\xa4", "a \xc3\xa4"},
    {"utf-7", "utf-7", "a+AOQ-b",
     "a\xc3\xa4"
     "b"},
    {"the last letter of windows-1255 is not held back", "windows-1255", "\xf9\xec",
     "\xd7\xa9\xd7\x9c"},
    {"the last letter of windows-1258 is not held back", "windows-1258", "ba", "ba"},
    {"what does not convert is U+FFFD", "iso-8859-7", "a\xd2z", "a\xef\xbf\xbdz"},
    {"half a character at the end", "gb2312", "a\xc4", "a\xef\xbf\xbd"},
    {"nothing", "koi8-r", "", ""},
};

static void
charset_test(void **state)
{
    const charset_row *row = *state;
    const ndr_slice name = slice_copy(row->name), in = slice_copy(row->in);
    ndr_charsets c = {0};
    ndr_buffer out = {0};
    for (int round = 0; round < 2; round++) { /* the descriptor is used again */
        ndr_buffer_clear(&out);
        ndr_charset_add(&c, name, in, &out);
        assert_buffer(&out, row->want);
        assert_true(ndr_is_utf8((ndr_slice){out.ptr, out.len}));
    }
    ndr_buffer_free(&out);
    ndr_charsets_done(&c);
    drop_slice(name);
    drop_slice(in);
}

/* A text that grows more than three times: shift states and long sequences. */
static void
growth_test(void **state)
{
    (void)state;
    enum { N = 5000 };
    unsigned char *in = malloc(N);
    assert_non_null(in);
    memset(in, 0xb1, N); /* half-width katakana in cp932: three bytes each */
    ndr_charsets c = {0};
    ndr_buffer out = {0};
    ndr_charset_add(&c, NDR_SLICE("shift_jis"), (ndr_slice){in, N}, &out);
    assert_int_equal(out.len, 3 * N);
    assert_true(ndr_is_utf8((ndr_slice){out.ptr, out.len}));
    ndr_buffer_free(&out);
    ndr_charsets_done(&c);
    free(in);
}

static const char *const one_byte[] = {
    "koi8-r",       "koi8-u",       "windows-1250", "windows-1251", "windows-1253",
    "windows-1254", "windows-1256", "windows-1257", "iso-8859-2",   "iso-8859-5",
    "iso-8859-7",   "iso-8859-15",  "iso-8859-13",  "ibm850",       "ibm866",
};

/* What comes of a byte does not depend on how it is converted, or on its neighbour. */
static void
one_byte_test(void **state)
{
    (void)state;
    ndr_charsets c = {0};
    ndr_buffer out = {0}, want = {0};
    for (size_t k = 0; k < sizeof one_byte / sizeof one_byte[0]; k++) {
        unsigned char in[512];
        for (size_t i = 0; i < sizeof in; i++)
            in[i] = (unsigned char)(i < 256 ? i : 511 - i);
        ndr_buffer_clear(&out);
        ndr_buffer_clear(&want);
        ndr_charset_add(&c, ndr_slice_of(one_byte[k]), (ndr_slice){in, sizeof in}, &out);
        const iconv_t cd = iconv_open("UTF-8", one_byte[k]);
        assert_true(cd != (iconv_t)-1);
        for (size_t i = 0; i < sizeof in; i++) {
            char text[8], *from = (char *)&in[i], *to = text;
            size_t left = 1, room = sizeof text;
            if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
                ndr_buffer_text(&want, "\xef\xbf\xbd");
            else
                ndr_buffer_add(&want,
                               (ndr_slice){(unsigned char *)text, sizeof text - room});
        }
        (void)iconv_close(cd);
        assert_int_equal(out.len, want.len);
        assert_memory_equal(out.ptr, want.ptr, want.len);
    }
    ndr_buffer_free(&out);
    ndr_buffer_free(&want);
    ndr_charsets_done(&c);
}

/* A shift state left open in one text must not reach the next. */
static void
state_test(void **state)
{
    (void)state;
    ndr_charsets c = {0};
    ndr_buffer out = {0};
    ndr_charset_add(&c, NDR_SLICE("iso-2022-jp"), NDR_SLICE("\x1b$B$\""), &out);
    ndr_buffer_clear(&out);
    ndr_charset_add(&c, NDR_SLICE("iso-2022-jp"), NDR_SLICE("abc"), &out);
    assert_buffer(&out, "abc");
    ndr_buffer_free(&out);
    ndr_charsets_done(&c);
}

typedef struct plain_row {
    const char *why, *name;
    bool want;
} plain_row;

static const plain_row plains[] = {
    {"no name", "", true},
    {"utf-8", "UTF-8", true},
    {"a latin one", "iso-8859-15", true},
    {"a windows one", "Windows-1251", true},
    {"cyrillic", "koi8-r", true},
    {"shift states", "iso-2022-jp", false},
    {"utf-7 hides letters in ASCII", "utf-7", false},
    {"two bytes a letter", "utf-16", false},
    {"not sure", "x-nobody", false},
};

static void
plain_test(void **state)
{
    const plain_row *row = *state;
    const ndr_slice name = slice_copy(row->name);
    assert_int_equal(ndr_charset_is_plain(name), row->want);
    if (row->want) { /* then ASCII really stands for itself */
        unsigned char ascii[0x80];
        for (int i = 0; i < 0x80; i++)
            ascii[i] = (unsigned char)i;
        ndr_charsets c = {0};
        ndr_buffer out = {0};
        ndr_charset_add(&c, name, (ndr_slice){ascii, sizeof ascii}, &out);
        assert_int_equal(out.len, sizeof ascii);
        assert_memory_equal(out.ptr, ascii, sizeof ascii);
        ndr_buffer_free(&out);
        ndr_charsets_done(&c);
    }
    drop_slice(name);
}

int
main(void)
{
    ADD_ROWS(rows, charset_test);
    add_test("text may grow threefold", growth_test);
    add_test("each byte is what iconv makes of it alone", one_byte_test);
    add_test("a shift state ends with its text", state_test);
    ADD_ROWS(plains, plain_test);
    return run_added("charset");
}
