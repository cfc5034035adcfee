/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* mkdtemp */
#include "harness.h"
#include "ndrscan_rules.h"
#include "scratch.h"

typedef struct row {
    const char *why, *text;
    const char *want; /* "LINE verb.option=value|" each; or words of the error */
    int code;
} row;
static const row rows[] = {
    {"nothing", "", "", 0},
    {"comments alone", "# none\n", "", 0},
    {"values in the order of the file",
     "all:\n  threads: 2\nwindows check:\n  quiet: true\n  note: 'a: b'\n",
     "2 all.threads=2|4 windows check.quiet=true|5 windows check.note=a: b|", 0},
    {"a list is a value each, of the option's line",
     "scan:\n  rules:\n    - a\n    - b\n", "2 scan.rules=a|2 scan.rules=b|", 0},
    {"an empty list says nothing", "scan:\n  rules: []\n", "", 0},
    {"a verb without options", "scan:\napply:\n  quiet: true\n", "3 apply.quiet=true|",
     0},
    {"the same option of two verbs", "a: {x: 1}\nb: {x: 2}\n", "1 a.x=1|2 b.x=2|", 0},
    {"an option twice", "a:\n  x: 1\n  x: 2\n", ":3: this option is there twice",
     NDR_E_SYNTAX},
    {"a list in a list", "a:\n  x:\n    - [1]\n", ":3: a value is text", NDR_E_SYNTAX},
    {"keys below an option", "a:\n  x:\n    y: 1\n", ":3: a value is text", NDR_E_SYNTAX},
    {"a value in place of options", "a: 1\n", ":1: behind a verb stand options",
     NDR_E_SYNTAX},
    {"a list in place of verbs", "- a\n", ":1: it begins with a verb", NDR_E_SYNTAX},
    {"a verb that is a list", "[a]: {x: 1}\n", ":1: the name of a verb", NDR_E_SYNTAX},
    {"an option that is a list", "a:\n  [x]: 1\n", ":2: the name of an option",
     NDR_E_SYNTAX},
    {"what holds itself", "a: &a\n  x: *a\n", "a value is text", NDR_E_SYNTAX},
    {"a NUL in a value", "a:\n  x: \"b\\0c\"\n", ":2: a value has 4,096 bytes",
     NDR_E_SYNTAX},
    {"no YAML", "a:\n  x: [1\n", "not YAML", NDR_E_SYNTAX},
};

static void
same(const char *text, const char *want, int code)
{
    ndr_settings *s = NULL;
    ndr_error err = {0};
    scratch_begin();
    assert_int_equal(ndr_settings_load(scratch_text("s.yaml", text), &s, &err), code);
    scratch_end();
    if (code != 0) {
        assert_null(s);
        assert_non_null(strstr(err.text, want));
        return;
    }
    ndr_buffer got = {0};
    size_t count;
    const ndr_setting *one = ndr_settings_rows(s, &count);
    for (size_t i = 0; i < count; i++)
        ndr_buffer_printf(&got, "%zu %s.%s=%s|", one[i].line, one[i].verb, one[i].option,
                          one[i].value);
    ndr_buffer_byte(&got, '\0');
    assert_string_equal((const char *)got.ptr, want);
    ndr_buffer_free(&got);
    ndr_settings_free(s);
}

static void
row_test(void **state)
{
    const row *r = *state;
    same(r->text, r->want, r->code);
}

static void
most_test(void **state)
{
    (void)state;
    ndr_buffer text = {0}, want = {0};
    ndr_buffer_text(&text, "a:\n  x:\n");
    for (int i = 0; i < NDR_SETTINGS_MAX; i++) {
        ndr_buffer_text(&text, "  - y\n");
        ndr_buffer_text(&want, "2 a.x=y|");
    }
    ndr_buffer_byte(&text, '\0');
    ndr_buffer_byte(&want, '\0');
    same((const char *)text.ptr, (const char *)want.ptr, 0);
    text.len--;
    ndr_buffer_text(&text, "  - y\n");
    ndr_buffer_byte(&text, '\0');
    same((const char *)text.ptr, ":1003: more than 1,000 values", NDR_E_SYNTAX);
    ndr_buffer_free(&text);
    ndr_buffer_free(&want);
}

int
main(void)
{
    ADD_ROWS(rows, row_test);
    add_test("a thousand values, and one more", most_test);
    return run_added("settings_file");
}
