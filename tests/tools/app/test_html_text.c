/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/html_text.h"
#include "harness.h"

typedef struct row {
    const char *why;
    const char *text, *want;
} row;
static const row rows[] = {
    {"plain", "a b", "a b"},
    {"markup", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"out of an attribute", "\" onload='x", "&quot; onload=&#39;x"},
    {"what looks encoded", "&lt;", "&amp;lt;"},
    {"UTF-8", "\xc3\xa4\xe6\xbc\xa2", "\xc3\xa4\xe6\xbc\xa2"},
    {"nothing", "", ""},
};

static void
text_test(void **state)
{
    const row *r = *state;
    ndr_buffer out = {0};
    const size_t n = strlen(r->text);
    unsigned char *text = exact_copy(r->text, n);
    html_text(&out, (ndr_slice){text, n});
    ndr_buffer_byte(&out, '\0');
    free(text);
    assert_string_equal((const char *)out.ptr, r->want);
    ndr_buffer_free(&out);
}

/* No byte, alone or among others, opens or leaves an element or a value. */
static void
every_byte(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            const unsigned char text[] = {(unsigned char)a, (unsigned char)b};
            ndr_buffer out = {0};
            html_text(&out, (ndr_slice){text, 2});
            for (size_t i = 0; i < out.len; i++) {
                assert_null(strchr("<>\"'", out.ptr[i] != 0 ? out.ptr[i] : '<'));
                assert_true(out.ptr[i] >= 0x20 && out.ptr[i] != 0x7f);
            }
            ndr_buffer_free(&out);
        }
}

static void
format_test(void **state)
{
    ndr_buffer out = {0};
    (void)state;
    html_printf(&out, "%s|%r|%d|100%%", "<", "<b>", INT64_MIN);
    ndr_buffer_byte(&out, '\0');
    assert_string_equal((const char *)out.ptr, "&lt;|<b>|-9223372036854775808|100%");
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(rows, text_test);
    add_test("no two bytes become markup", every_byte);
    add_test("printf escapes %s, and %r not", format_test);
    return run_added(__FILE__);
}
