/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * request_body.c - what does the body of a POST ask for?
 *
 * Not by libmicrohttpd's post processor: it wants an open connection, so that no test
 * could ask it, hands values over in pieces and, as C strings, cannot tell of a name with
 * a NUL. A body is whole here anyway, since JSON is.
 */
#include "request_body.h"

#include "ndr_hex.h"

#include <jansson.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One name of a body and where its value goes. */
static const struct {
    const char *name;
    enum { TEXT, YES, NUMBER } type;
    size_t at, size;
    bool form_only; /* in a form, not in JSON */
} names[] = {
#define TEXT_ROW(name, field, form_only)                                                 \
    {                                                                                    \
        name, TEXT, offsetof(request_body, field),                                       \
            sizeof(((request_body *)NULL)->field), form_only                             \
    }
#define YES_ROW(name, field)                                                             \
    {                                                                                    \
        name, YES, offsetof(request_body, field), sizeof(bool), false                    \
    }
    TEXT_ROW("domain", domain, false),
    TEXT_ROW("from", from, false),
    TEXT_ROW("until", until, false),
    TEXT_ROW("for", lasts, false),
    TEXT_ROW("until_date", until_date, true),
    TEXT_ROW("began", began, true),
    TEXT_ROW("note", note, false),
    TEXT_ROW("take", take, false),
    TEXT_ROW("run", run, false),
    TEXT_ROW("do", action, true),
    TEXT_ROW("token", token, true),
    TEXT_ROW("name", name, true),
    TEXT_ROW("password", password, true),
    TEXT_ROW("since", since, true),
    TEXT_ROW("form", form, true),
    YES_ROW("until_calm", until_calm),
    YES_ROW("end", end),
    YES_ROW("subdomains", subdomains),
    {"move", YES, offsetof(request_body, move), sizeof(bool), true},
    {"list", YES, offsetof(request_body, list), sizeof(bool), true},
    {"once", NUMBER, offsetof(request_body, once), sizeof(uint64_t), true},
    {"hours", NUMBER, offsetof(request_body, hours), sizeof(uint64_t), true},
    {"rows", NUMBER, offsetof(request_body, rows), sizeof(uint64_t), true},
};
enum { NAMES = sizeof names / sizeof names[0] };

static size_t
find_name(const char *name)
{
    size_t i = 0;
    while (i < NAMES && strcmp(names[i].name, name) != 0)
        i++;
    return i;
}

static int
put_text(request_body *w, size_t row, ndr_slice value, ndr_error *err)
{
    char *at = (char *)w + names[row].at;
    if (value.len >= names[row].size)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is longer than %zu bytes",
                        names[row].name, names[row].size - 1);
    if (value.len > 0 && memchr(value.ptr, '\0', value.len) != NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' has a NUL in it", names[row].name);
    if (value.len > 0)
        memcpy(at, value.ptr, value.len);
    at[value.len] = '\0';
    return 0;
}

/* ---- JSON ------------------------------------------------------------------------ */

static int
take_json(request_body *w, const char *name, const json_t *value, ndr_error *err)
{
    const size_t row = find_name(name);
    if (row == NAMES || names[row].form_only)
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no name that is known here", name);
    if (names[row].type == YES) {
        if (!json_is_boolean(value))
            return ndr_fail(err, NDR_E_SYNTAX, "'%s' is neither true nor false", name);
        const bool yes = json_is_true(value);
        memcpy((char *)w + names[row].at, &yes, sizeof yes);
        return 0;
    }
    if (!json_is_string(value))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no string", name);
    return put_text(w, row,
                    (ndr_slice){(const unsigned char *)json_string_value(value),
                                json_string_length(value)},
                    err);
}

static int
read_json(ndr_slice body, request_body *ret, ndr_error *err)
{
    json_error_t where;
    json_t *root =
        json_loadb((const char *)body.ptr, body.len, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "not JSON: line %d: %s", where.line,
                        where.text);
    int rc = 0;
    if (!json_is_object(root))
        rc = ndr_fail(err, NDR_E_SYNTAX, "not a JSON object");
    for (void *at = json_object_iter(root); at != NULL && rc == 0;
         at = json_object_iter_next(root, at))
        rc = take_json(ret, json_object_iter_key(at), json_object_iter_value(at), err);
    json_decref(root);
    return rc;
}

/* ---- forms ----------------------------------------------------------------------- */

/* What a form wrote, decoded. Source: URL Standard 5.1. */
static void
decode(ndr_slice part, ndr_buffer *out)
{
    ndr_buffer_clear(out);
    for (size_t i = 0; i < part.len; i++) {
        const unsigned char c = part.ptr[i];
        if (c == '%' && part.len - i > 2 && ndr_hex_value(part.ptr[i + 1]) >= 0 &&
            ndr_hex_value(part.ptr[i + 2]) >= 0) {
            ndr_buffer_byte(out, (unsigned char)(ndr_hex_value(part.ptr[i + 1]) * 16 +
                                                 ndr_hex_value(part.ptr[i + 2])));
            i += 2;
        } else {
            ndr_buffer_byte(out, c == '+' ? ' ' : c);
        }
    }
}

static int
take_pair(request_body *w, ndr_slice pair, ndr_buffer *scratch, ndr_error *err)
{
    const unsigned char *equals = pair.len > 0 ? memchr(pair.ptr, '=', pair.len) : NULL;
    const size_t n = equals != NULL ? (size_t)(equals - pair.ptr) : pair.len;
    decode((ndr_slice){pair.ptr, n}, scratch);
    ndr_buffer_byte(scratch, '\0');
    if (scratch->failed)
        return ndr_fail(err, NDR_E_NOMEM, "out of memory");
    const size_t row = find_name((const char *)scratch->ptr);
    if (row == NAMES)
        return 0;
    decode(n < pair.len ? (ndr_slice){pair.ptr + n + 1, pair.len - n - 1}
                        : (ndr_slice){0},
           scratch);
    if (names[row].type == YES) {
        const bool yes = scratch->len > 0;
        memcpy((char *)w + names[row].at, &yes, sizeof yes);
        return 0;
    }
    if (names[row].type == TEXT)
        return put_text(w, row, (ndr_slice){scratch->ptr, scratch->len}, err);
    uint64_t number = 0;
    for (size_t i = 0; i < scratch->len && i < 18; i++) {
        if (scratch->ptr[i] < '0' || scratch->ptr[i] > '9')
            return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no number", names[row].name);
        number = number * 10 + (uint64_t)(scratch->ptr[i] - '0');
    }
    memcpy((char *)w + names[row].at, &number, sizeof number);
    return 0;
}

static int
read_form(ndr_slice body, request_body *ret, ndr_error *err)
{
    ndr_buffer scratch = {0};
    int rc = 0;
    for (size_t at = 0; at < body.len && rc == 0;) {
        const unsigned char *amp = memchr(body.ptr + at, '&', body.len - at);
        const size_t end = amp != NULL ? (size_t)(amp - body.ptr) : body.len;
        rc = take_pair(ret, (ndr_slice){body.ptr + at, end - at}, &scratch, err);
        at = end + 1;
    }
    ndr_buffer_free(&scratch);
    return rc;
}

int
request_body_read(const char *content_type, ndr_slice body, request_body *ret,
                  ndr_error *err)
{
    static const char json[] = "application/json";
    static const char form[] = "application/x-www-form-urlencoded";
    *ret = (request_body){0};
    const size_t n = content_type != NULL ? strcspn(content_type, "; ") : 0;
    if (n == sizeof json - 1 && strncasecmp(content_type, json, n) == 0)
        return read_json(body, ret, err);
    if (n == sizeof form - 1 && strncasecmp(content_type, form, n) == 0)
        return read_form(body, ret, err);
    return ndr_fail(err, NDR_E_SYNTAX, "Content-Type has to be %s or %s", json, form);
}
