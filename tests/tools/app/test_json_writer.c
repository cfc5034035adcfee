/* SPDX-License-Identifier: BSD-3-Clause */
#include "app/json_writer.h"
#include "harness.h"

static void
empty_list_then_more(ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_begin(out, "a", '[');
    json_end(out, ']');
    json_put_null(out, "b");
    json_end(out, '}');
}

static void
values_of_a_list(ndr_buffer *out)
{
    json_begin(out, NULL, '[');
    json_put_bool(out, NULL, true);
    json_put_bool(out, NULL, false);
    json_put_count(out, NULL, UINT64_MAX);
    json_put_integer(out, NULL, INT64_MIN);
    json_put_decimal(out, NULL, 2.5, 3);
    json_put_decimal(out, NULL, 2.5, 0);
    json_put_null(out, NULL);
    json_put_whole(out, NDR_SLICE("{}"));
    json_end(out, ']');
}

static void
texts_that_look_like_an_opening(ndr_buffer *out)
{
    json_begin(out, NULL, '[');
    json_put_word(out, NULL, "{");
    json_put_word(out, NULL, "\n");
    json_put_word(out, NULL, ",");
    json_put_word(out, NULL, "");
    json_end(out, ']');
}

static void
objects_in_objects(ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_begin(out, "a", '{');
    json_put_word(out, "b", "c");
    json_end(out, '}');
    json_begin(out, "d", '{');
    json_end(out, '}');
    json_end(out, '}');
}

static void
lines(ndr_buffer *out)
{
    for (int i = 0; i < 2; i++) {
        json_begin(out, NULL, '{');
        json_put_integer(out, "n", i);
        ndr_buffer_text(out, "}\n");
    }
}

static void
times(ndr_buffer *out)
{
    json_begin(out, NULL, '[');
    json_put_time(out, NULL, 0);
    json_put_time(out, NULL, NDR_TIME_OPEN);
    json_put_time(out, NULL, NDR_TIME_UNKNOWN);
    json_end(out, ']');
}

static void
strings(ndr_buffer *out)
{
    json_begin(out, NULL, '{');
    json_put_text(out, "a", NDR_SLICE("\"\\\033\xE2\x80\xAE\xFF"));
    json_put_word(out, "b", NULL);
    json_put_text(out, "c", (ndr_slice){0});
    json_end(out, '}');
}

typedef struct row {
    const char *why;
    void (*write)(ndr_buffer *out);
    const char *want;
} row;
static const row rows[] = {
    {"a comma goes between an empty list and what follows", empty_list_then_more,
     "{\"a\":[],\"b\":null}"},
    {"a list has commas between values of every kind", values_of_a_list,
     "[true,false,18446744073709551615,-9223372036854775808,2.500,2,null,{}]"},
    {"a text is never taken for what begins a list", texts_that_look_like_an_opening,
     "[\"{\",\"\\n\",\",\",\"\"]"},
    {"an object behind an object", objects_in_objects, "{\"a\":{\"b\":\"c\"},\"d\":{}}"},
    {"between lines there is no comma", lines, "{\"n\":0}\n{\"n\":1}\n"},
    {"a time that is not known, or never comes, is null", times,
     "[\"1970-01-01T00:00:00Z\",null,null]"},
    {"what is hidden is escaped, as in records", strings,
     "{\"a\":\"\\\"\\\\\\u001b\\u202e\xEF\xBF\xBD\",\"b\":null,\"c\":\"\"}"},
};
static void
row_test(void **state)
{
    const row *r = *state;
    ndr_buffer out = {0};
    r->write(&out);
    ndr_buffer_byte(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.ptr, r->want);
    ndr_buffer_free(&out);
}

int
main(void)
{
    ADD_ROWS(rows, row_test);
    return run_added(__FILE__);
}
