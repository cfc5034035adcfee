/* SPDX-License-Identifier: BSD-3-Clause */
#include "proof/dkim_fields.h"
#include "said.h"

/* "name(raw)..." then '.' when complete; line ends shown as in C. */
static void
say(ndr_slice header, ndr_buffer *out)
{
    static ndr_dkim_field room[NDR_DKIM_FIELDS];
    ndr_dkim_fields fields = {.fields = room};
    ndr_dkim_fields_split(header, &fields);
    for (size_t i = 0; i < fields.count; i++) {
        ndr_buffer_byte(out, '(');
        ndr_buffer_add(out, ndr_dkim_field_name(&room[i]));
        ndr_buffer_byte(out, '|');
        ndr_buffer_add(out, ndr_dkim_field_value(&room[i]));
        ndr_buffer_byte(out, ')');
    }
    if (fields.complete)
        ndr_buffer_printf(out, ".%zu", header.len - fields.body);
    ndr_buffer_byte(out, '\0');
}

static const said_row split_rows[] = {
    {"fields with CRLF", "A: 1\r\nB: 2\r\n\r\nbody", "(A| 1)(B| 2).4"},
    {"fields with LF", "A: 1\nB: 2\n\nbody", "(A| 1)(B| 2).4"},
    {"folds stay as they are", "A: 1\r\n\t2\r\n 3\r\n\r\n", "(A| 1\r\n\t2\r\n 3).0"},
    {"a blank line that goes on is of the field", "A: 1\r\n \r\nB: 2\r\n\r\n",
     "(A| 1\r\n )(B| 2).0"},
    {"blanks in front of the colon", "A \t: 1\n\n", "(A| 1).0"},
    {"no end", "A: 1\nB: 2", "(A| 1)(B| 2)"},
    {"no empty line", "A: 1\nB: 2\n", "(A| 1)(B| 2)"},
    {"a line that is no field ends it", "A: 1\nno field\nB: 2\n\n", "(A| 1)"},
    {"a name beyond ASCII is none", "A: 1\n\xc3\xa4: 2\n\n", "(A| 1)"},
    {"an mbox From_ line is passed over", "From a@b Tue\nA: 1\n\n", "(A| 1).0"},
    {"a From_ line further down ends it", "A: 1\nFrom a@b Tue\nB: 2\n\n", "(A| 1)"},
    {"a fold at the top is no field", " A: 1\n\n", ""},
    {"a quoted field is none", ">A: 1\n>B: 2\n", ""},
    {"nor is one behind a bar", "|A: 1\n|B: 2\n", ""},
    {"an empty header", "\nbody", ".4"},
    {"no bytes", "", ""},
    {"a field without a value", "A:\nB:\n\n", "(A|)(B|).0"},
};

static void
test_split(void **state)
{
    said_check(*state, say);
}

static const struct quote_row {
    const char *why, *text, *want; /* NULL: there is no prefix */
} quote_rows[] = {
    {"quoted with a blank", "> A: 1\n>  2\n> B: 3\n> \n> text", "A: 1\n 2\nB: 3\n\r\n"},
    {"quoted without one", ">A: 1\n> 2\n>B: 3\n>\n>text", "A: 1\n 2\nB: 3\n\r\n"},
    {"a quoted empty line without its blank", "> A: 1\n>\n", "A: 1\n\r\n"},
    {"bars", "| A: 1\r\n| B: 2\r\n", "A: 1\r\nB: 2\r\n"},
    {"quoted twice", "> > A: 1\n> > B: 2\n>\n", "A: 1\nB: 2\n"},
    {"indented by four", "    A: 1\n     2\n    B: 3\n\n    text",
     "A: 1\n 2\nB: 3\n\r\n"},
    {"indented by a tab", "\tA: 1\n\t\t2\n\n", "A: 1\n\t2\n\r\n"},
    {"indented, then quoted", "  > A: 1\n  > B: 2\n", "A: 1\nB: 2\n"},
    {"ends at a line without the prefix", "> A: 1\nB: 2\n", "A: 1\n"},
    {"ends at a line that is indented less", "    A: 1\n  B: 2\n", "A: 1\n"},
    {"a last line without an end", "> A: 1\n> B: 2", "A: 1\nB: 2"},
    {"nothing to take off", "A: 1\n", NULL},
    {"a prefix alone", "> \n", NULL},
    {"nothing", "", NULL},
};

static void
test_quote(void **state)
{
    const struct quote_row *row = *state;
    unsigned char *text = exact_copy(row->text, strlen(row->text));
    ndr_buffer out = {0};
    const bool found = ndr_dkim_unquote((ndr_slice){text, strlen(row->text)}, &out);
    assert_int_equal(found, row->want != NULL);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, row->want != NULL ? row->want : "");
    ndr_buffer_free(&out);
    free(text);
}

static void
test_limits(void **state)
{
    (void)state;
    static ndr_dkim_field room[NDR_DKIM_FIELDS];
    ndr_dkim_fields fields = {.fields = room};
    ndr_buffer text = {0};
    for (int i = 0; i < NDR_DKIM_FIELDS; i++)
        ndr_buffer_text(&text, "A: 1\n");
    ndr_dkim_fields_split((ndr_slice){text.ptr, text.len}, &fields);
    assert_false(fields.too_large);
    ndr_buffer_text(&text, "A: 1\n");
    ndr_dkim_fields_split((ndr_slice){text.ptr, text.len}, &fields);
    assert_true(fields.too_large);
    ndr_buffer_clear(&text);
    ndr_buffer_text(&text, "A: ");
    while (text.len < 65535)
        ndr_buffer_byte(&text, 'x');
    ndr_buffer_text(&text, "\n\nbody that counts for nothing");
    ndr_dkim_fields_split((ndr_slice){text.ptr, text.len}, &fields);
    assert_true(fields.complete && !fields.too_large);
    text.ptr[65535] = 'x';
    ndr_dkim_fields_split((ndr_slice){text.ptr, text.len}, &fields);
    assert_true(fields.too_large);
    ndr_buffer_free(&text);
}

int
main(void)
{
    ADD_ROWS(split_rows, test_split);
    ADD_ROWS(quote_rows, test_quote);
    add_test("64 KiB and 1,000 fields are split, and no more", test_limits);
    return run_added(__FILE__);
}
