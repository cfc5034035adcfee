/* SPDX-License-Identifier: BSD-3-Clause */
#include "proof/dkim_tags.h"
#include "said.h"

/* "name=value|..." of what was read, and '!' behind it when the list is refused. */
static void
say(ndr_slice text, ndr_buffer *out)
{
    ndr_dkim_tags list;
    const bool good = ndr_dkim_tags_read(text, &list);
    for (size_t i = 0; i < list.count; i++) {
        ndr_buffer_text(out, i > 0 ? "|" : "");
        ndr_buffer_add(out, list.tags[i].name);
        ndr_buffer_byte(out, '=');
        ndr_buffer_add(out, list.tags[i].value);
    }
    ndr_buffer_text(out, good ? "" : "!");
    ndr_buffer_byte(out, '\0');
}

static const said_row tags_rows[] = {
    {"one tag", "v=1", "v=1"},
    {"two tags", "v=1;a=x", "v=1|a=x"},
    {"a final semicolon", "v=1;", "v=1"},
    {"white space behind the final semicolon", "v=1; \r\n\t", "v=1"},
    {"white space around names and values", " v = 1 ;\r\n\ta\t=\tx ", "v=1|a=x"},
    {"a fold inside a value stays", "b=ab\r\n cd;a=x", "b=ab\r\n cd|a=x"},
    {"folds with LF alone", "b=ab\n\tcd", "b=ab\n\tcd"},
    {"an empty value", "p=; k=rsa", "p=|k=rsa"},
    {"an equals sign in a value", "b=ab==; h=a", "b=ab==|h=a"},
    {"names keep their case", "V=1;v=2", "V=1|v=2"},
    {"digits and underscores in names", "a1_b=x", "a1_b=x"},
    {"letters beyond ASCII in a value", "d=\xc3\xa4.example", "d=\xc3\xa4.example"},
    {"nothing", "", "!"},
    {"white space alone", " \r\n ", "!"},
    {"a semicolon alone", ";", "!"},
    {"two semicolons at the end", "v=1;;", "v=1!"},
    {"an empty tag between others", "v=1;;a=x", "v=1!"},
    {"an empty tag in front", ";v=1", "!"},
    {"a name twice", "v=1;a=x;v=1", "v=1|a=x!"},
    {"no equals sign", "v=1;a", "v=1!"},
    {"no name", "=1", "!"},
    {"a name that begins with a digit", "1a=x", "!"},
    {"a name that begins with an underscore", "_a=x", "!"},
    {"a blank in a name", "a b=x", "!"},
    {"a hyphen in a name", "a-b=x", "!"},
    {"a control character in a value", "a=x\x01y", "!"},
    {"DEL in a value", "a=x\x7fy", "!"},
    {"a line end without a blank behind it", "a=x\r\ny", "!"},
    {"CR alone in a value", "a=x\ry", "!"},
};

static void
test_tags(void **state)
{
    said_check(*state, say);
}

static void
test_most(void **state)
{
    (void)state;
    ndr_buffer text = {0};
    ndr_dkim_tags list;
    for (int i = 0; i < NDR_DKIM_TAGS; i++)
        ndr_buffer_printf(&text, "t%d=x;", i);
    assert_true(ndr_dkim_tags_read((ndr_slice){text.ptr, text.len}, &list));
    assert_int_equal(list.count, NDR_DKIM_TAGS);
    ndr_buffer_text(&text, "z=x");
    assert_false(ndr_dkim_tags_read((ndr_slice){text.ptr, text.len}, &list));
    ndr_buffer_free(&text);
}

static void
test_span(void **state)
{
    (void)state;
    ndr_dkim_tags list;
    assert_true(ndr_dkim_tags_read(NDR_SLICE("a=1; b = xy\r\n z ; c=2"), &list));
    const ndr_dkim_tag *b = ndr_dkim_tags_find(&list, "b");
    assert_non_null(b);
    assert_true(ndr_slice_equal(b->span, NDR_SLICE(" xy\r\n z ")));
    assert_null(ndr_dkim_tags_find(&list, "B"));
}

static const struct number_row {
    const char *why, *text;
    int64_t want; /* -1: none */
} number_rows[] = {
    {"zero", "0", 0},
    {"seconds", "1528637909", 1528637909},
    {"zeros in front", "007", 7},
    {"the largest", "9223372036854775807", INT64_MAX},
    {"a number that is too large", "9999999999999999999999999999", INT64_MAX},
    {"too large, then no digit", "9999999999999999999999999999x", -1},
    {"nothing", "", -1},
    {"a sign", "-1", -1},
    {"a blank", "1 2", -1},
    {"a point", "1.5", -1},
};

static void
test_number(void **state)
{
    const struct number_row *row = *state;
    int64_t n = 0;
    const bool good = ndr_dkim_number(ndr_slice_of(row->text), &n);
    assert_int_equal(good ? n : -1, row->want);
}

int
main(void)
{
    ADD_ROWS(tags_rows, test_tags);
    ADD_ROWS(number_rows, test_number);
    add_test("64 tags are a list and 65 none", test_most);
    add_test("the span of a tag is all behind its equals sign", test_span);
    return run_added(__FILE__);
}
