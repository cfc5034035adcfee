/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "request_guard.h"

#include <stdio.h>

static const guard_host our_names[] = {
    {.name = "127.0.0.1:8025"},
    {.name = "localhost:8025"},
    {.name = "junk.example.com"},
    {.name = "mail.example.com", .scheme = "https", .path = "/bounces"},
    {.name = "odd.example.com:8443", .scheme = "https"},
};
static const guard_hosts by_name = {.row = our_names, .count = 5};
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
    {"a port that goes without saying", "GET", "mail.example.com:443", NULL, NULL, false,
     0},
    {"and is another scheme's", "GET", "mail.example.com:80", NULL, NULL, false, 421},
    {"a POST of our page by TLS", "POST", "mail.example.com", "https://mail.example.com",
     "same-origin", false, 0},
    {"a POST of the same name without TLS", "POST", "mail.example.com",
     "http://mail.example.com", NULL, false, 403},
    {"a POST of our page on a port of its own", "POST", "odd.example.com:8443",
     "https://odd.example.com:8443", NULL, false, 0},
    {"a POST of that name's other port", "POST", "odd.example.com:8443",
     "https://odd.example.com", NULL, false, 403},
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

/* ---- --host -------------------------------------------------------------------------
 */

typedef struct parse_row {
    const char *why;
    const char *given, *name, *scheme, *path; /* name NULL: refused */
} parse_row;
static const parse_row parse_rows[] = {
    {"a name", "junk.example.com", "junk.example.com", NULL, ""},
    {"a name and its port", "junk.example.com:8443", "junk.example.com:8443", NULL, ""},
    {"a URL", "https://junk.example.com/", "junk.example.com", "https", ""},
    {"a URL with a path", "https://example.com/a/b/", "example.com", "https", "/a/b"},
    {"a path without its last slash", "HTTPS://example.com/a", "example.com", "https",
     "/a"},
    {"a scheme's own port goes", "https://example.com:443/a", "example.com", "https",
     "/a"},
    {"another stays", "http://[::1]:443/", "[::1]:443", "http", ""},
    {"a path without a scheme", "example.com/a", NULL, NULL, NULL},
    {"another scheme", "ftp://example.com/", NULL, NULL, NULL},
    {"no name", "https:///a", NULL, NULL, NULL},
    {"a port alone", "https://:443/", NULL, NULL, NULL},
    {"a query", "https://example.com/?a", NULL, NULL, NULL},
    {"a user", "https://a@example.com/", NULL, NULL, NULL},
    {"nothing", "", NULL, NULL, NULL},
};

static void
parse_test(void **state)
{
    const parse_row *r = *state;
    guard_host h;
    assert_int_equal(guard_host_parse(r->given, &h), r->name != NULL);
    if (r->name == NULL)
        return;
    assert_string_equal(h.name, r->name);
    assert_string_equal(h.path, r->path);
    assert_true((h.scheme == NULL) == (r->scheme == NULL));
    if (r->scheme != NULL)
        assert_string_equal(h.scheme, r->scheme);
}

typedef struct seen_row {
    const char *why;
    const char *host, *proto, *path;
    bool secure;
    const char *want; /* the path without the proxy's */
} seen_row;
static const seen_row seen_rows[] = {
    {"our address", "127.0.0.1:8025", NULL, "/history", false, "/history"},
    {"a name of which nothing is known", "junk.example.com", NULL, "/", false, "/"},
    {"a proxy that says so", "junk.example.com", "https", "/", true, "/"},
    {"a proxy that says no", "junk.example.com", "http", "/", false, "/"},
    {"a name by TLS", "mail.example.com", NULL, "/bounces/history", true, "/history"},
    {"its path alone", "mail.example.com", "http", "/bounces/", true, "/"},
    {"a proxy that takes the path off", "mail.example.com", NULL, "/history", true,
     "/history"},
    {"a path that only begins so", "mail.example.com", NULL, "/bouncesx", true,
     "/bouncesx"},
    {"another's path stays", "junk.example.com", NULL, "/bounces/", false, "/bounces/"},
};

static void
seen_test(void **state)
{
    const seen_row *r = *state;
    const guard_request q = {.host = r->host, .forwarded_proto = r->proto};
    assert_int_equal(guard_is_secure(&by_name, &q), r->secure);
    assert_string_equal(guard_path(&by_name, r->host, r->path), r->want);
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

static secret token; /* the operator's */

static bool
is_token(void *ctx, const char *text)
{
    (void)ctx;
    return secret_equal(text, token);
}

static void
asks(void **state)
{
    sessions all = {.is_token = is_token};
    char good[80], bad[80] = "Bearer x", cookie[80];
    (void)state;
    assert_int_equal(secret_new(token, NULL), 0);
    (void)snprintf(good, sizeof good, "bearer %s", token);
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
    q.authorization = good; /* whoever shares the address may be wrong at will */
    assert_int_equal(guard_who(&all, &q, 100).status, 0);
    q.authorization = "Basic x";
    assert_int_equal(guard_who(&all, &q, 100).status, 429);
    q.authorization = good;
    q.peer = "b";
    assert_int_equal(guard_who(&all, &q, 100).status, 0);
    q.peer = "a";
    assert_int_equal(guard_who(&all, &q, 160).status, 0);

    session *s = sessions_login(&all, token, "a", 200);
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
    sessions_free(&all);
}

int
main(void)
{
    ADD_ROWS(origin_rows, origin_test);
    ADD_ROWS(parse_rows, parse_test);
    ADD_ROWS(seen_rows, seen_test);
    ADD_ROWS(cookie_rows, cookie_test);
    add_test("token, wrong tokens, session, form token, end of a session", asks);
    return run_added(__FILE__);
}
