/* SPDX-License-Identifier: BSD-3-Clause */
#include "mail/header.h"

#include "base/utf8.h"
#include "bytes.h"

typedef struct block_row {
    const char *why, *raw;
    const char *want; /* each field "name=value;", then "|" and the body */
} block_row;

static const block_row blocks[] = {
    {"nothing at all", "", "|"},
    {"one field and no line end", "A: b", "A= b;|"},
    {"one field and no value", "A:", "A=;|"},
    {"LF ends a line", "A: b\nC: d\n\nbody\n", "A= b;C= d;|body\n"},
    {"CRLF ends a line", "A: b\r\nC: d\r\n\r\nbody", "A= b;C= d;|body"},
    {"LF and CRLF may be mixed", "A: b\r\nC: d\n\r\nbody", "A= b;C= d;|body"},
    {"a CR before the end of the bytes is an empty line", "A: b\n\r", "A= b;|"},
    {"a CR in a line is a byte of it", "A: b\rC: d\n\n", "A= b\rC: d;|"},
    {"two CRs do not make an empty line", "A: b\n\r\r\nx", "A= b;|\r\r\nx"},
    {"the body may be empty", "A: b\n\n", "A= b;|"},
    {"the empty line is the first", "\nA: b\n", "|A: b\n"},
    {"only the first empty line counts", "A: b\n\n\nx", "A= b;|\nx"},
    {"a blank continues a field", "A: b\n c\n\nx", "A= b\n c;|x"},
    {"a tab continues a field", "A: b\r\n\tc\r\n\r\nx", "A= b\r\n\tc;|x"},
    {"a line of blanks continues a field too", "A: b\n  \nC: d\n", "A= b\n  ;C= d;|"},
    {"a fold at the very end", "A: b\n ", "A= b\n ;|"},
    {"a value that begins in its second line", "A:\n b\n\n", "A=\n b;|"},
    {"a continuation of nothing is body", " a\nB: c\n", "| a\nB: c\n"},
    {"blanks may stand before the colon", "A \t: b\n\n", "A= b;|"},
    {"a line without a colon is the body's first", "A: b\nhello you\nC: d\n",
     "A= b;|hello you\nC: d\n"},
    {"a word before the colon is no name", "A: b\nC d: e\n", "A= b;|C d: e\n"},
    {"fields go on behind a stray line", "A: b\nhello you\nSubject: d\n\nx",
     "A= b;Subject= d;|x"},
    {"a stray line is the first", "hello\nX-A: b\n\nx", "X-A= b;|x"},
    {"four stray lines", "A: b\n1\n2\n3\n4\nTo: d\n\nx", "A= b;To= d;|x"},
    {"five are the body", "A: b\n1\n2\n3\n4\n5\nTo: d\n", "A= b;|1\n2\n3\n4\n5\nTo: d\n"},
    {"a stray line before the empty line is the body's", "A: b\nhello\n\nTo: d\n",
     "A= b;|hello\n\nTo: d\n"},
    {"what prose has is no sign that fields go on", "A: b\nhello\nNote: d\n",
     "A= b;|hello\nNote: d\n"},
    {"a delimiter is no stray line", "A: b\n--c\nContent-Type: d\n",
     "A= b;|--c\nContent-Type: d\n"},
    {"a parameter that was not folded",
     "Content-Type: multipart/report;\nboundary=\"c\"\nTo: d\n\nx",
     "Content-Type= multipart/report;\nboundary=\"c\";To= d;|x"},
    {"two of them, CRLF", "Content-Type: a/b;\r\nreport-type=c;\r\ncharset=d\r\n\r\nx",
     "Content-Type= a/b;\r\nreport-type=c;\r\ncharset=d;|x"},
    {"no parameter without a semicolon in front", "A: b\nc=d\n\nx", "A= b;|c=d\n\nx"},
    {"a colon alone is no field", ": b\n\n", "|: b\n\n"},
    {"a name is ASCII", "\xc3\xa4: b\n", "|\xc3\xa4: b\n"},
    {"a name holds no control character", "A\x01: b\n", "|A\x01: b\n"},
    {"a name may hold signs", "X-!#$%&'*+.^_`{|}~: b\n", "X-!#$%&'*+.^_`{|}~= b;|"},
    {"a From_ line in front is passed over", "From a Tue May 13 09:31:02 2008\nA: b\n\nx",
     "A= b;|x"},
    {"a quoted From_ line is passed over", ">From a\nA: b\n\nx", "A= b;|x"},
    {"From_ lines are passed over anywhere", "A: b\nFrom x\nFrom y\n>From z\nC: d\n\nx",
     "A= b;C= d;|x"},
    {"From_ lines alone are a header without fields", "From x\nFrom y", "|"},
    {"From with a colon is a field", "From: a\nFrom : b\n", "From= a;From= b;|"},
    {"From behind a blank continues", "A: b\n From x\n", "A= b\n From x;|"},
    {"from in small letters is no From_ line", "from x\nA: b\n", "|from x\nA: b\n"},
    {"a byte order mark is passed over",
     "\xef\xbb\xbf"
     "A: b\n\nx",
     "A= b;|x"},
    {"a byte order mark further on is body",
     "A: b\n\xef\xbb\xbf"
     "C: d\n",
     "A= b;|\xef\xbb\xbf"
     "C: d\n"},
    {"half a byte order mark is body", "\xef\xbb", "|\xef\xbb"},
};

static void
add_block(ndr_slice raw, ndr_buffer *got)
{
    size_t at = 0;
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) > 0) {
        assert_true(f.name.len > 0);
        ndr_buffer_add(got, f.name);
        ndr_buffer_byte(got, '=');
        ndr_buffer_add(got, f.value);
        ndr_buffer_byte(got, ';');
    }
    assert_true(at <= raw.len);
    ndr_buffer_byte(got, '|');
    ndr_buffer_add(got, (ndr_slice){raw.ptr + at, raw.len - at});
}

static void
block_test(void **state)
{
    const block_row *row = *state;
    const ndr_slice raw = slice_copy(row->raw);
    ndr_buffer got = {0};
    add_block(raw, &got);
    assert_buffer(&got, row->want);
    ndr_buffer_free(&got);
    drop_slice(raw);
}

/* Every cut of every block: nothing outside is read, the walk ends. */
static void
cut_test(void **state)
{
    const block_row *row = *state;
    for (size_t n = 0; n <= strlen(row->raw); n++) {
        const ndr_slice raw = {exact_copy(row->raw, n), n};
        ndr_buffer got = {0};
        add_block(raw, &got);
        assert_false(got.failed);
        ndr_buffer_free(&got);
        drop_slice(raw);
    }
}

static const block_row fronts[] = {
    {"an empty line in front", "\nFrom: b\n\nx", "From= b;|x"},
    {"empty and blank lines in front", "\r\n \t\r\n\r\nReceived: b\r\n\r\nx",
     "Received= b;|x"},
    {"behind a byte order mark", "\xef\xbb\xbf\n\nTo: b\n\nx", "To= b;|x"},
    {"an empty header and a body that begins like prose", "\nNote: b\n", "|Note: b\n"},
    {"an empty header and a body without a colon", "\nhello\n", "|hello\n"},
    {"empty lines alone", "\n\n", "|\n"},
    {"blanks in front of a first field go on from nothing", " From: b\n", "| From: b\n"},
};

static void
front_test(void **state)
{
    const block_row *row = *state;
    for (size_t n = 0; n <= strlen(row->raw); n++) {
        const ndr_slice raw = {exact_copy(row->raw, n), n};
        const size_t begin = ndr_header_begin(raw);
        assert_true(begin <= n);
        ndr_buffer got = {0};
        add_block((ndr_slice){raw.ptr + begin, raw.len - begin}, &got);
        if (n == strlen(row->raw))
            assert_buffer(&got, row->want);
        ndr_buffer_free(&got);
        drop_slice(raw);
    }
}

typedef struct value_row {
    const char *why, *value, *want;
} value_row;

static const value_row values[] = {
    {"nothing", "", ""},
    {"blanks alone are nothing", " \t\r\n ", ""},
    {"ends are trimmed", "  a b ", "a b"},
    {"runs of white space are one space", "a \t b\n  c\r\n\td", "a b c d"},
    {"control characters are white space",
     "a\x01\x1f\x7f"
     "b",
     "a b"},
    {"a no-break and an ideographic space are white space",
     "a\xc2\xa0\xe3\x80\x80"
     "b",
     "a b"},
    {"UTF-8 stays",
     " gr\xc3\xbc\xc3\x9f"
     "e",
     "gr\xc3\xbc\xc3\x9f"
     "e"},
    {"other bytes are windows-1252",
     "gr\xfc\xdf"
     "e \x80",
     "gr\xc3\xbc\xc3\x9f"
     "e \xe2\x82\xac"},
    {"a hole of windows-1252", "a\x81z", "a\xef\xbf\xbdz"},
    {"a Q word", "=?utf-8?Q?gr=C3=BC=C3=9Fe_an?=",
     "gr\xc3\xbc\xc3\x9f"
     "e an"},
    {"a B word", "=?UTF-8?b?Z3LDvMOf?=", "gr\xc3\xbc\xc3\x9f"},
    {"a word in iso-8859-1", "=?iso-8859-1?q?gr=FC=DFe?=",
     "gr\xc3\xbc\xc3\x9f"
     "e"},
    {"iso-8859-1 reads as windows-1252", "=?iso-8859-1?q?=80?=", "\xe2\x82\xac"},
    {"a word with a language", "=?iso-8859-1*de?q?gr=FC?=", "gr\xc3\xbc"},
    {"a word in an unknown charset that is UTF-8", "=?x-odd?q?=C3=BC?=", "\xc3\xbc"},
    {"a word in an unknown charset that is not", "=?x-odd?q?=FC?=", "\xc3\xbc"},
    {"text before and behind", "a =?utf-8?q?b?= c", "a b c"},
    {"no blanks beside a word", "a=?utf-8?q?b?=c", "abc"},
    {"a word in quotes", "\"=?utf-8?q?b?=\" <c@example.com>", "\"b\" <c@example.com>"},
    {"blanks between words go", "=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab"},
    {"text between words stays", "=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"},
    {"a character across two words", "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "\xc3\xbc"},
    {"a character across Q and B", "=?utf-8?q?=C3?= =?utf-8?b?vA==?=", "\xc3\xbc"},
    {"charsets compare without case", "=?utf-8?q?=C3?= =?UTF-8?q?=BC?=", "\xc3\xbc"},
    {"a character across two charsets is none",
     "=?utf-8?q?=C3?= =?iso-8859-1?q?=BC?=", "\xc3\x83\xc2\xbc"},
    {"three charsets in a row",
     "=?utf-8?q?a?==?iso-8859-2?q?=B1?==?koi8-r?q?=C1?=", "a\xc4\x85\xd0\xb0"},
    {"an empty word is nothing", "a=?utf-8?q?\?=b", "ab"},
    {"an empty word joins its neighbours",
     "=?utf-8?q?=C3?= =?utf-8?q?\?= =?utf-8?q?=BC?=", "\xc3\xbc"},
    {"blanks inside a word", "=?utf-8?q?a b?=", "a b"},
    {"an unclosed word is text", "=?utf-8?q?abc", "=?utf-8?q?abc"},
    {"an unclosed word before a whole one", "=?utf-8?q?a =?utf-8?q?b?=", "a =?utf-8?q?b"},
    {"a word without a charset is text", "=??q?abc?=", "=??q?abc?="},
    {"a word of another encoding is text", "=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
    {"a word of no encoding is text", "=?utf-8??abc?=", "=?utf-8??abc?="},
    {"an equals sign alone is text", "a = b", "a = b"},
    {"an equals sign at the end", "a=", "a="},
    {"an open word at the end", "a =?", "a =?"},
    {"half a hex pair in Q", "=?utf-8?q?a=4?=", "a=4"},
    {"a B word with its padding", "=?utf-8?b?YQ==?= =?utf-8?b?Yg==?=", "ab"},
    {"a line end inside a decoded word is a blank", "=?utf-8?q?a=0D=0Ab?=", "a b"},
    {"a NUL inside a decoded word is a blank", "=?utf-8?q?a=00b?=", "a b"},
    {"8-bit text beside a word", "\xfc =?utf-8?q?=C3=BC?=", "\xc3\xbc \xc3\xbc"},
};

static void
value_test(void **state)
{
    const value_row *row = *state;
    const ndr_slice value = slice_copy(row->value);
    ndr_charsets c = {0};
    ndr_buffer work = {0}, got = {0};
    ndr_buffer_text(&got, "x"); /* it appends */
    ndr_header_value(&c, value, &work, &got);
    ndr_buffer want = {0};
    ndr_buffer_printf(&want, "x%s", row->want);
    ndr_buffer_byte(&want, '\0');
    assert_buffer(&got, (const char *)want.ptr);
    ndr_buffer_free(&want);
    ndr_buffer_free(&got);
    ndr_buffer_free(&work);
    ndr_charsets_done(&c);
    drop_slice(value);
}

/* Every cut of every value is well-formed and trimmed. */
static void
value_cut_test(void **state)
{
    const value_row *row = *state;
    ndr_charsets c = {0};
    ndr_buffer work = {0}, got = {0};
    for (size_t n = 0; n <= strlen(row->value); n++) {
        const ndr_slice value = {exact_copy(row->value, n), n};
        ndr_buffer_clear(&got);
        ndr_header_value(&c, value, &work, &got);
        assert_false(got.failed || work.failed);
        assert_true(ndr_is_utf8((ndr_slice){got.ptr, got.len}));
        assert_true(got.len == 0 || (got.ptr[0] != ' ' && got.ptr[got.len - 1] != ' '));
        drop_slice(value);
    }
    ndr_buffer_free(&got);
    ndr_buffer_free(&work);
    ndr_charsets_done(&c);
}

static void
plain_test(void **state)
{
    (void)state;
    const ndr_slice value = slice_copy("  =?utf-8?q?a?=\n \xfc ");
    ndr_buffer got = {0};
    ndr_header_plain(value, &got);
    assert_buffer(&got, "=?utf-8?q?a?= \xc3\xbc");
    ndr_buffer_free(&got);
    drop_slice(value);
}

static void
long_value_test(void **state)
{
    (void)state;
    /* "é" a thousand times over the limit: the cut must not halve one */
    const size_t n = NDR_HEADER_VALUE_BYTES + 2001;
    unsigned char *bytes = malloc(n);
    assert_non_null(bytes);
    bytes[0] = 'a';
    for (size_t i = 1; i < n; i++)
        bytes[i] = i % 2 == 1 ? 0xc3 : 0xa9;
    ndr_buffer got = {0};
    ndr_header_plain((ndr_slice){bytes, n}, &got);
    assert_int_equal(got.len, NDR_HEADER_VALUE_BYTES - 1);
    assert_memory_equal(got.ptr, bytes, got.len);
    ndr_buffer_free(&got);
    free(bytes);
}

static void
long_word_test(void **state)
{
    (void)state;
    ndr_charsets c = {0};
    ndr_buffer raw = {0}, work = {0}, got = {0};
    for (int over = 0; over < 2; over++) { /* 2,048 bytes are a word, 2,049 are text */
        ndr_buffer_clear(&raw);
        ndr_buffer_clear(&got);
        ndr_buffer_text(&raw, "=?utf-8?q?");
        while (raw.len < 2048 - 2 + (size_t)over)
            ndr_buffer_byte(&raw, '_');
        ndr_buffer_text(&raw, "?=x");
        ndr_header_value(&c, (ndr_slice){raw.ptr, raw.len}, &work, &got);
        assert_int_equal(got.len, over == 0 ? 1 : raw.len);
    }
    ndr_buffer_free(&raw);
    ndr_buffer_free(&got);
    ndr_buffer_free(&work);
    ndr_charsets_done(&c);
}

int
main(void)
{
    ADD_ROWS(blocks, block_test);
    ADD_ROWS(fronts, front_test);
    ADD_ROWS(blocks, cut_test);
    ADD_ROWS(values, value_test);
    ADD_ROWS(values, value_cut_test);
    add_test("a plain value keeps its words as they are", plain_test);
    add_test("a long value is cut between characters", long_value_test);
    add_test("a word has a longest length", long_word_test);
    return run_added("header");
}
