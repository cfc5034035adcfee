/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "proof/dkim_canon.h"

static void
put_buffer(void *to, ndr_slice bytes)
{
    ndr_buffer_add(to, bytes);
}

static void
begin(ndr_dkim_sink *s, ndr_buffer *out)
{
    s->put = put_buffer;
    s->to = out;
    s->used = 0;
}

/* ---- bodies ---------------------------------------------------------------------- */

static const struct body_row {
    const char *why, *body;
    bool relaxed;
    int64_t limit;
    const char *want;
    uint64_t all;
} body_rows[] = {
    {"simple: as it is", "a\r\nb\r\n", false, INT64_MAX, "a\r\nb\r\n", 6},
    {"simple: LF becomes CRLF", "a\nb\n", false, INT64_MAX, "a\r\nb\r\n", 6},
    {"simple: the last line gets its end", "a", false, INT64_MAX, "a\r\n", 3},
    {"simple: empty lines at the end go", "a\r\n\r\n\r\n", false, INT64_MAX, "a\r\n", 3},
    {"simple: an empty line between stays", "a\r\n\r\nb", false, INT64_MAX,
     "a\r\n\r\nb\r\n", 8},
    {"simple: blanks stay", " a \t \r\n \r\n", false, INT64_MAX, " a \t \r\n \r\n", 10},
    {"simple: an empty body is a line end", "", false, INT64_MAX, "\r\n", 2},
    {"simple: empty lines alone are one", "\r\n\r\n", false, INT64_MAX, "\r\n", 2},
    {"simple: CR alone is a character", "a\rb\r\n", false, INT64_MAX, "a\rb\r\n", 5},
    {"relaxed: the example of RFC 6376 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", true,
     INT64_MAX, " C\r\nD E\r\n", 9},
    {"relaxed: an empty body is nothing", "", true, INT64_MAX, "", 0},
    {"relaxed: empty lines alone are nothing", "\r\n\r\n", true, INT64_MAX, "", 0},
    {"relaxed: lines of blanks at the end go", "a\n \t\n\n", true, INT64_MAX, "a\r\n", 3},
    {"relaxed: blanks alone are nothing", " \t", true, INT64_MAX, "", 0},
    {"a limit cuts", "abc\r\ndef\r\n", false, 4, "abc\r", 10},
    {"a limit of nothing", "abc\r\n", false, 0, "", 5},
    {"a limit of all", "abc\r\n", false, 5, "abc\r\n", 5},
    {"a limit behind the end", "abc\r\n", false, 9, "abc\r\n", 5},
};

static void
test_body(void **state)
{
    const struct body_row *row = *state;
    unsigned char *body = exact_copy(row->body, strlen(row->body));
    ndr_dkim_sink sink;
    ndr_buffer out = {0};
    begin(&sink, &out);
    const uint64_t all = ndr_dkim_canon_body(&sink, (ndr_slice){body, strlen(row->body)},
                                             row->relaxed, row->limit);
    ndr_dkim_sink_flush(&sink);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, row->want);
    assert_int_equal(all, row->all);
    ndr_buffer_free(&out);
    free(body);
}

/* ---- headers --------------------------------------------------------------------- */

#define SIG "DKIM-Signature:  v=1; b = ab\r\n\tcd ; h=x\r\n"

static const struct header_row {
    const char *why, *header, *names;
    bool relaxed;
    const char *want; /* without the signature at its end */
} header_rows[] = {
    {"relaxed: the example of RFC 6376 3.4.5", "A: X\r\nB : Y\t\r\n\tZ  \r\n", "a:b",
     true, "a:X\r\nb:Y Z\r\n"},
    {"simple: the example of RFC 6376 3.4.5", "A: X\r\nB : Y\t\r\n\tZ  \r\n", "a:b",
     false, "A: X\r\nB : Y\t\r\n\tZ  \r\n"},
    {"simple: LF becomes CRLF", "A: 1\n\t2\n", "A", false, "A: 1\r\n\t2\r\n"},
    {"relaxed: LF is unfolded too", "A: 1\n\t2\n", "A", true, "a:1 2\r\n"},
    {"the order is that of h=", "A: 1\nB: 2\n", "b:a", true, "b:2\r\na:1\r\n"},
    {"the lowest of a name comes first", "A: 1\nA: 2\nA: 3\n", "a:a", true,
     "a:3\r\na:2\r\n"},
    {"a name that is not there is nothing", "A: 1\n", "b:a:c", true, "a:1\r\n"},
    {"named more often than it is there", "A: 1\n", "a:a:a", true, "a:1\r\n"},
    {"names have no case, and blanks around them", "Ab: 1\n", " aB ", true, "ab:1\r\n"},
    {"a name that begins like another is another", "Ab: 1\n", "a", true, ""},
    {"the signature itself is not taken", "A: 1\n", "dkim-signature:a", true, "a:1\r\n"},
    {"an empty value", "A:\n", "a", true, "a:\r\n"},
    {"a value of blanks", "A: \t \n", "a", true, "a:\r\n"},
    {"a blank line in a fold", "A: 1\r\n \r\n 2\r\n", "a", true, "a:1 2\r\n"},
    {"CR alone is a character", "A: 1\r2\n", "a", true, "a:1\r2\r\n"},
};

static void
test_header(void **state)
{
    const struct header_row *row = *state;
    static ndr_dkim_field room[NDR_DKIM_FIELDS];
    static unsigned char taken[NDR_DKIM_FIELDS];
    ndr_dkim_fields fields = {.fields = room};
    ndr_buffer text = {0}, out = {0}, want = {0};
    ndr_dkim_sink sink;
    ndr_buffer_text(&text, row->header);
    ndr_buffer_text(&text, SIG);
    unsigned char *exact = exact_copy(text.ptr, text.len);
    ndr_dkim_fields_split((ndr_slice){exact, text.len}, &fields);
    const size_t own = fields.count - 1;
    ndr_dkim_tags list;
    assert_true(ndr_dkim_tags_read(ndr_dkim_field_value(&room[own]), &list));
    const ndr_dkim_claim claim = {.names = ndr_slice_of(row->names),
                                  .relaxed_header = row->relaxed,
                                  .span = ndr_dkim_tags_find(&list, "b")->span};
    begin(&sink, &out);
    ndr_dkim_canon_header(&sink, &fields, own, &claim, taken, NULL, NULL);
    ndr_dkim_sink_flush(&sink);
    ndr_buffer_byte(&out, '\0');
    ndr_buffer_text(&want, row->want);
    ndr_buffer_text(&want, row->relaxed ? "dkim-signature:v=1; b =; h=x"
                                        : "DKIM-Signature:  v=1; b =; h=x");
    ndr_buffer_byte(&want, '\0');
    assert_string_equal((const char *)out.ptr, (const char *)want.ptr);
    ndr_buffer_free(&text);
    ndr_buffer_free(&out);
    ndr_buffer_free(&want);
    free(exact);
}

static void
test_long(void **state)
{
    (void)state;
    ndr_dkim_sink sink;
    ndr_buffer body = {0}, out = {0};
    for (int i = 0; i < 20000; i++)
        ndr_buffer_byte(&body, (unsigned char)('a' + i % 26));
    begin(&sink, &out);
    assert_int_equal(
        ndr_dkim_canon_body(&sink, (ndr_slice){body.ptr, body.len}, true, INT64_MAX),
        20002);
    ndr_dkim_sink_flush(&sink);
    assert_int_equal(out.len, 20002);
    assert_memory_equal(out.ptr, body.ptr, body.len);
    ndr_buffer_free(&body);
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(body_rows, test_body);
    ADD_ROWS(header_rows, test_header);
    add_test("a line that is longer than what is held goes through whole", test_long);
    return run_added(__FILE__);
}
