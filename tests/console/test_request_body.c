/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "request_body.h"

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"

typedef struct row {
    const char *why;
    const char *type, *body;
    size_t len; /* 0: up to the NUL */
    request_body want;
    const char *words; /* of the error; NULL: none */
} row;
static const row rows[] = {
    {"a window in JSON",
     JSON,
     "{\"domain\":\"example.com\",\"from\":\"08:00\",\"for\":\"1h\",\"note\":\"a "
     "\\u00e4\","
     "\"until_calm\":true,\"subdomains\":false,\"take\":\"all-but-ours\"}",
     0,
     {.domain = "example.com",
      .from = "08:00",
      .lasts = "1h",
      .note = "a \xc3\xa4",
      .take = "all-but-ours",
      .until_calm = true},
     NULL},
    {"with a charset",
     JSON "; charset=utf-8",
     "{\"run\":\"r1\",\"end\":true}",
     0,
     {.run = "r1", .end = true},
     NULL},
    {"an empty object", "APPLICATION/JSON", "{}", 0, {.domain = ""}, NULL},
    {"a misspelt name", JSON, "{\"untill\":\"now\"}", 0, {.domain = ""}, "'untill'"},
    {"a name of the form", JSON, "{\"once\":1}", 0, {.domain = ""}, "'once'"},
    {"a name twice",
     JSON,
     "{\"run\":\"a\",\"run\":\"b\"}",
     0,
     {.domain = ""},
     "not JSON"},
    {"text for a yes", JSON, "{\"end\":\"true\"}", 0, {.domain = ""}, "neither true nor"},
    {"a number for text", JSON, "{\"domain\":1}", 0, {.domain = ""}, "no string"},
    {"null for text", JSON, "{\"domain\":null}", 0, {.domain = ""}, "no string"},
    {"a list", JSON, "[]", 0, {.domain = ""}, "not a JSON object"},
    {"nothing", JSON, "", 0, {.domain = ""}, "not JSON"},
    {"something behind it", JSON, "{} {}", 0, {.domain = ""}, "not JSON"},
    {"a NUL", JSON, "{\"run\":\"a\\u0000b\"}", 0, {.domain = ""}, "not JSON"},
    {"no UTF-8", JSON, "{\"run\":\"\xff\"}", 0, {.domain = ""}, "not JSON"},
    {"longer than fits",
     JSON,
     "{\"do\":\"\",\"for\":\"12345678901234567\"}",
     0,
     {.domain = ""},
     "'"},
    {"a form",
     FORM,
     "form=abc&once=12&domain=ex%41mple.com&do=block&until=calm&from=&note=a+b%26c",
     0,
     {.form = "abc",
      .once = 12,
      .domain = "exAmple.com",
      .action = "block",
      .until = "calm",
      .note = "a b&c"},
     NULL},
    {"names that are not known are passed over in a form",
     FORM,
     "x=1&&=&y&domain=a",
     0,
     {.domain = "a"},
     NULL},
    {"the last one counts in a form",
     FORM,
     "domain=a&domain=b",
     0,
     {.domain = "b"},
     NULL},
    {"percent signs that decode to nothing",
     FORM,
     "note=100%&domain=%4",
     0,
     {.note = "100%", .domain = "%4"},
     NULL},
    {"an encoded NUL", FORM, "domain=a%00b", 0, {.domain = ""}, "NUL"},
    {"an encoded equals sign", FORM, "note=a%3Db=c", 0, {.note = "a=b=c"}, NULL},
    {"a box that is ticked", FORM, "subdomains=on", 0, {.subdomains = true}, NULL},
    {"a number that is none", FORM, "once=-1", 0, {.domain = ""}, "no number"},
    {"a value longer than fits",
     FORM,
     "do=12345678901234567",
     0,
     {.domain = ""},
     "longer than 15 bytes"},
    {"an empty form", FORM, "", 0, {.domain = ""}, NULL},
    {"another type", "text/plain", "domain=a", 0, {.domain = ""}, "Content-Type"},
    {"a type that begins so", JSON "x", "{}", 0, {.domain = ""}, "Content-Type"},
    {"no type", NULL, "{}", 0, {.domain = ""}, "Content-Type"},
};

static void
read_test(void **state)
{
    const row *r = *state;
    request_body got;
    ndr_error err = {0};
    const size_t n = r->len != 0 ? r->len : strlen(r->body);
    unsigned char *body = exact_copy(r->body, n);
    const int rc = request_body_read(r->type, (ndr_slice){body, n}, &got, &err);
    free(body);
    if (r->words != NULL) {
        assert_int_equal(rc, NDR_E_SYNTAX);
        assert_non_null(strstr(err.text, r->words));
        return;
    }
    assert_int_equal(rc, 0);
    assert_string_equal(got.domain, r->want.domain);
    assert_string_equal(got.from, r->want.from);
    assert_string_equal(got.until, r->want.until);
    assert_string_equal(got.lasts, r->want.lasts);
    assert_string_equal(got.note, r->want.note);
    assert_string_equal(got.take, r->want.take);
    assert_string_equal(got.run, r->want.run);
    assert_string_equal(got.action, r->want.action);
    assert_string_equal(got.form, r->want.form);
    assert_int_equal(got.once, r->want.once);
    assert_int_equal(got.until_calm, r->want.until_calm);
    assert_int_equal(got.end, r->want.end);
    assert_int_equal(got.subdomains, r->want.subdomains);
}

int
main(void)
{
    ADD_ROWS(rows, read_test);
    return run_added(__FILE__);
}
