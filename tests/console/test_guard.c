/* SPDX-License-Identifier: BSD-3-Clause */
#include "guard.h"
#include "harness.h"

#include <stdio.h>

static const char *const our_names[] = {"127.0.0.1:8025", "localhost:8025",
                                        "junk.example.com"};
static const guard_hosts by_name = {.name = our_names, .count = 3};
static const guard_hosts by_socket = {.any = true};

/* ---- names and pages ------------------------------------------------------------- */

typedef struct origin_row {
    const char *why;
    const char *method, *host, *origin, *fetch_site;
    bool socket;
    int want;
} origin_row;
static const origin_row origin_rows[] = {
    {"our address", "GET", "127.0.0.1:8025", NULL, NULL, false, 0},
    {"our name, whatever its case", "GET", "LocalHost:8025", NULL, NULL, false, 0},
    {"a name of --host", "GET", "junk.example.com", NULL, NULL, false, 0},
    {"no Host", "GET", NULL, NULL, NULL, false, 400},
    {"a foreign name that was made to point here", "GET", "evil.example:8025", NULL, NULL,
     false, 421},
    {"our name with another port", "GET", "localhost:80", NULL, NULL, false, 421},
    {"our name with a dot behind it", "GET", "localhost:8025.", NULL, NULL, false, 421},
    {"a name that begins as ours", "GET", "junk.example.com.evil.example", NULL, NULL,
     false, 421},
    {"an empty Host", "GET", "", NULL, NULL, false, 421},
    {"a GET may come from another page", "GET", "localhost:8025", "https://evil.example",
     "cross-site", false, 0},
    {"a POST without Origin", "POST", "localhost:8025", NULL, NULL, false, 0},
    {"a POST of our page", "POST", "localhost:8025", "http://localhost:8025",
     "same-origin", false, 0},
    {"a POST that the user began", "POST", "localhost:8025", NULL, "none", false, 0},
    {"a POST of a foreign page", "POST", "localhost:8025", "https://evil.example", NULL,
     false, 403},
    {"a POST of a page without a name", "POST", "localhost:8025", "null", NULL, false,
     403},
    {"a POST that the browser calls cross-site", "POST", "localhost:8025",
     "http://localhost:8025", "cross-site", false, 403},
    {"a POST of a neighbour", "POST", "localhost:8025", NULL, "same-site", false, 403},
    {"a POST of another port", "POST", "localhost:8025", "http://localhost:80", NULL,
     false, 403},
    {"behind a socket any name is served", "GET", "any", NULL, NULL, true, 0},
    {"behind a socket the page has to be of that name", "POST", "a.example",
     "https://b.example", NULL, true, 403},
    {"behind a socket the page of that name", "POST", "a.example", "https://a.example",
     "same-origin", true, 0},
};

static void
origin_test(void **state)
{
    const origin_row *r = *state;
    const guard_request q = {.method = r->method,
                             .path = "/",
                             .host = r->host,
                             .origin = r->origin,
                             .fetch_site = r->fetch_site};
    const guard_answer a = guard_origin(r->socket ? &by_socket : &by_name, &q);
    assert_int_equal(a.status, r->want);
    assert_true((a.words != NULL) == (r->want != 0));
}

/* ---- cookies ------------------------------------------------------------------------
 */

typedef struct cookie_row {
    const char *why;
    const char *field, *want; /* NULL: not there */
} cookie_row;
static const cookie_row cookie_rows[] = {
    {"alone", "ndrscan=abc", "abc"},
    {"among others", "a=1; ndrscan=abc; b=2", "abc"},
    {"without blanks", "a=1;ndrscan=abc;b=2", "abc"},
    {"the first one counts", "ndrscan=abc; ndrscan=def", "abc"},
    {"a name that ends so", "xndrscan=abc", NULL},
    {"a name that begins so", "ndrscanx=abc", NULL},
    {"no value", "ndrscan=", ""},
    {"a name alone", "ndrscan", NULL},
    {"longer than fits", "ndrscan=abcdefgh", NULL},
    {"as long as fits", "ndrscan=abcdefg", "abcdefg"},
    {"an empty field", "", NULL},
    {"no field", NULL, NULL},
    {"nothing but separators", "; ;; ", NULL},
};

static void
cookie_test(void **state)
{
    const cookie_row *r = *state;
    char value[8];
    assert_int_equal(guard_cookie(r->field, "ndrscan", value, sizeof value),
                     r->want != NULL);
    if (r->want != NULL)
        assert_string_equal(value, r->want);
}

/* ---- who asks ------------------------------------------------------------------------
 */

static void
asks(void **state)
{
    sessions all = {0};
    char good[80], bad[80] = "Bearer x", cookie[80];
    (void)state;
    assert_int_equal(secret_new(all.token, NULL), 0);
    (void)snprintf(good, sizeof good, "bearer %s", all.token);
    guard_request q = {.method = "GET", .path = "/", .peer = "a"};
    assert_int_equal(guard_who(&all, &q, 100).status, 401);
    q.authorization = good;
    assert_int_equal(guard_who(&all, &q, 100).who, GUARD_BEARER);
    q.authorization = "Basic x"; /* no token, so no wrong one */
    assert_int_equal(guard_who(&all, &q, 100).status, 401);
    q.authorization = bad;
    for (int i = 0; i < WRONG_PER_MINUTE; i++)
        assert_int_equal(guard_who(&all, &q, 100).status, 401);
    assert_int_equal(guard_who(&all, &q, 100).status, 429);
    q.authorization = good; /* nor the right one: it could have been guessed */
    assert_int_equal(guard_who(&all, &q, 100).status, 429);
    q.peer = "b";
    assert_int_equal(guard_who(&all, &q, 100).status, 0);
    q.peer = "a";
    assert_int_equal(guard_who(&all, &q, 160).status, 0);

    session *s = sessions_login(&all, all.token, "a", 200);
    assert_non_null(s);
    (void)snprintf(cookie, sizeof cookie, "ndrscan=%s", s->name);
    q = (guard_request){.method = "GET", .path = "/", .peer = "a", .cookie = cookie};
    assert_ptr_equal(guard_who(&all, &q, 200).session, s);
    q.method = "POST";
    assert_int_equal(guard_who(&all, &q, 200).status, 403);
    q.form_token = s->name; /* a secret, but not that one */
    assert_int_equal(guard_who(&all, &q, 200).status, 403);
    q.form_token = s->form_token;
    assert_int_equal(guard_who(&all, &q, 200).status, 0);
    assert_int_equal(guard_who(&all, &q, 200 + SESSION_SECONDS).status, 401);
}

int
main(void)
{
    ADD_ROWS(origin_rows, origin_test);
    ADD_ROWS(cookie_rows, cookie_test);
    add_test("token, wrong tokens, session, form token, end of a session", asks);
    return run_added(__FILE__);
}
