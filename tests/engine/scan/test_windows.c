/* SPDX-License-Identifier: BSD-3-Clause */
#include "harness.h"
#include "ndrscan.h"

#define S(lit)                                                                           \
    {                                                                                    \
        (const unsigned char *)(lit), sizeof(lit) - 1                                    \
    }
#define BITS NDR_KINDS_DEFAULT

static const ndr_slice info_sales[] = {S("info"), S("sales")};

/* sorted by domain, then from, as a table is */
static const ndr_window rows[] = {
    {.domain = S("example.com"), .from = 100, .until = 200, .kinds = BITS},
    {.domain = S("example.com"), .from = 150, .until = 300, .kinds = BITS},
    {.domain = S("example.com"),
     .from = 160,
     .until = 170,
     .kinds = NDR_KIND_BIT(NDR_KIND_RECEIPT)},
    {.domain = S("example.net"),
     .from = 0,
     .until = 10,
     .kinds = BITS,
     .subdomains = true},
    {.domain = S("example.org"),
     .from = 0,
     .until = NDR_TIME_OPEN,
     .kinds = BITS,
     .mailboxes = info_sales,
     .mailbox_count = 2},
    {.domain = S("list.example.com"), .from = -50, .until = -40, .kinds = BITS},
    {.domain = S("mx.example.net"), .from = 5, .until = 6, .kinds = BITS},
    {.domain = S("tie.example.com"), .from = 7, .until = 20, .kinds = BITS},
    {.domain = S("tie.example.com"), .from = 7, .until = 30, .kinds = BITS},
    {.domain = S("up.example"),
     .from = 0,
     .until = 10,
     .kinds = BITS,
     .subdomains = true},
    {.domain = S("up.example"), .from = 3, .until = 30, .kinds = BITS, .delegated = true},
    {.domain = S("z.up.example"),
     .from = 5,
     .until = 20,
     .kinds = BITS,
     .delegated = true},
};

typedef struct find_row {
    const char *why, *domain, *local;
    enum ndr_kind kind;
    int64_t at;
    int want; /* row, or -1: no window */
} find_row;

static const find_row finds[] = {
    {"a delegated one never wins over the operator's", "up.example", "", NDR_KIND_FAILED,
     5, 9},
    {"nor does one of a nearer domain", "z.up.example", "", NDR_KIND_FAILED, 6, 9},
    {"a delegated one counts when the operator's is over", "up.example", "",
     NDR_KIND_FAILED, 10, 10},
    {"of two delegated ones the nearer domain's", "z.up.example", "", NDR_KIND_FAILED, 10,
     11},
    {"a delegated one without subdomains", "y.up.example", "", NDR_KIND_FAILED, 12, -1},
    {"and where the operator's is of other kinds", "up.example", "", NDR_KIND_RECEIPT, 5,
     -1},
    {"from is inclusive", "example.com", "", NDR_KIND_FAILED, 100, 0},
    {"the second before from", "example.com", "", NDR_KIND_FAILED, 99, -1},
    {"the later start wins", "example.com", "", NDR_KIND_FAILED, 150, 1},
    {"the last second before until", "example.com", "", NDR_KIND_FAILED, 299, 1},
    {"until is exclusive", "example.com", "", NDR_KIND_FAILED, 300, -1},
    {"a later start of other kinds does not win", "example.com", "", NDR_KIND_FAILED, 165,
     1},
    {"a kind only one window names", "example.com", "", NDR_KIND_RECEIPT, 165, 2},
    {"delayed is a default kind", "example.com", "", NDR_KIND_DELAYED, 100, 0},
    {"rejected-content is a default kind", "example.com", "", NDR_KIND_REJECTED_CONTENT,
     100, 0},
    {"challenge is a default kind", "example.com", "", NDR_KIND_CHALLENGE, 100, 0},
    {"a receipt is no default kind", "example.com", "", NDR_KIND_RECEIPT, 100, -1},
    {"an auto-reply is no default kind", "example.com", "", NDR_KIND_AUTO_REPLY, 100, -1},
    {"what is no bounce has no window", "example.com", "", NDR_KIND_NONE, 100, -1},
    {"no subdomains unless asked", "a.example.com", "", NDR_KIND_FAILED, 120, -1},
    {"subdomains when asked", "a.b.example.net", "", NDR_KIND_FAILED, 9, 3},
    {"the domain itself with subdomains", "example.net", "", NDR_KIND_FAILED, 9, 3},
    {"the nearer domain wins", "mx.example.net", "", NDR_KIND_FAILED, 5, 6},
    {"back to the parent when the nearer one is over", "mx.example.net", "",
     NDR_KIND_FAILED, 7, 3},
    {"below a nearer domain without subdomains", "a.mx.example.net", "", NDR_KIND_FAILED,
     5, 3},
    {"an empty domain", "", "", NDR_KIND_FAILED, 5, -1},
    {"a suffix is not a parent", "notexample.net", "", NDR_KIND_FAILED, 5, -1},
    {"a parent of a window's domain", "net", "", NDR_KIND_FAILED, 5, -1},
    {"only dots", "...", "", NDR_KIND_FAILED, 5, -1},
    {"a listed mailbox", "example.org", "info", NDR_KIND_FAILED, 5, 4},
    {"a listed mailbox in capitals", "example.org", "SALES", NDR_KIND_FAILED, 5, 4},
    {"a mailbox not listed", "example.org", "jo", NDR_KIND_FAILED, 5, -1},
    {"an unknown mailbox is in no list", "example.org", "", NDR_KIND_FAILED, 5, -1},
    {"a mailbox that begins like a listed one", "example.org", "info2", NDR_KIND_FAILED,
     5, -1},
    {"a window without a list takes any mailbox", "example.com", "jo", NDR_KIND_FAILED,
     100, 0},
    {"an open window has no end", "example.org", "info", NDR_KIND_FAILED, INT64_MAX - 1,
     4},
    {"not even at the last second there is", "example.org", "info", NDR_KIND_FAILED,
     INT64_MAX, 4},
    {"times before 1970", "list.example.com", "", NDR_KIND_FAILED, -41, 5},
    {"an unknown time is in no window", "example.com", "", NDR_KIND_FAILED,
     NDR_TIME_UNKNOWN, -1},
    {"of two that start at once the one written last", "tie.example.com", "",
     NDR_KIND_FAILED, 7, 8},
};

static void
find_test(void **state)
{
    const find_row *row = *state;
    const ndr_windows w = {rows, sizeof rows / sizeof rows[0]};
    const size_t domain_len = strlen(row->domain), local_len = strlen(row->local);
    unsigned char *domain = exact_copy(row->domain, domain_len);
    unsigned char *local = exact_copy(row->local, local_len);
    const ndr_window *hit =
        ndr_windows_find(&w, (ndr_slice){domain, domain_len},
                         (ndr_slice){local, local_len}, row->kind, row->at);
    free(domain);
    free(local);
    assert_int_equal(hit == NULL ? -1 : hit - rows, row->want);
}

typedef struct cover_row {
    const char *why;
    int window;
    const char *domain, *local;
    enum ndr_kind kind;
    int64_t at;
    enum ndr_cover want;
} cover_row;

static const cover_row covers[] = {
    {"inside", 0, "example.com", "jo", NDR_KIND_FAILED, 100, NDR_COVER_YES},
    {"another domain", 0, "example.net", "jo", NDR_KIND_FAILED, 100, NDR_COVER_DOMAIN},
    {"a domain that ends alike", 3, "notexample.net", "", NDR_KIND_FAILED, 5,
     NDR_COVER_DOMAIN},
    {"one above it", 3, "net", "", NDR_KIND_FAILED, 5, NDR_COVER_DOMAIN},
    {"none", 3, "", "", NDR_KIND_FAILED, 5, NDR_COVER_DOMAIN},
    {"one below it, not asked for", 0, "a.example.com", "", NDR_KIND_FAILED, 100,
     NDR_COVER_SUBDOMAINS},
    {"one below it", 3, "a.b.example.net", "", NDR_KIND_FAILED, 5, NDR_COVER_YES},
    {"no time", 0, "example.com", "", NDR_KIND_FAILED, NDR_TIME_UNKNOWN,
     NDR_COVER_NO_TIME},
    {"before", 0, "example.com", "", NDR_KIND_FAILED, 99, NDR_COVER_EARLY},
    {"after", 0, "example.com", "", NDR_KIND_FAILED, 200, NDR_COVER_OVER},
    {"without an end", 4, "example.org", "info", NDR_KIND_FAILED, INT64_MAX,
     NDR_COVER_YES},
    {"another kind", 0, "example.com", "", NDR_KIND_RECEIPT, 100, NDR_COVER_KIND},
    {"another mailbox", 4, "example.org", "jo", NDR_KIND_FAILED, 5, NDR_COVER_MAILBOX},
};

static void
cover_test(void **state)
{
    const cover_row *row = *state;
    const ndr_window *w = &rows[row->window];
    const ndr_slice domain = ndr_slice_of(row->domain), local = ndr_slice_of(row->local);
    assert_int_equal(ndr_window_covers(w, domain, local, row->kind, row->at), row->want);
    assert_int_equal(ndr_window_is_for(w, domain),
                     row->want != NDR_COVER_DOMAIN && row->want != NDR_COVER_SUBDOMAINS);
    /* what covers is what is found, whichever other row comes first */
    const ndr_windows alone = {w, 1};
    assert_int_equal(ndr_windows_find(&alone, domain, local, row->kind, row->at) != NULL,
                     row->want == NDR_COVER_YES);
}

static void
no_windows_test(void **state)
{
    (void)state;
    const ndr_windows none = {NULL, 0};
    const ndr_slice domain = NDR_SLICE("example.com"), local = {NULL, 0};
    assert_null(ndr_windows_find(&none, domain, local, NDR_KIND_FAILED, 0));
    assert_null(ndr_windows_find(NULL, domain, local, NDR_KIND_FAILED, 0));
}

int
main(void)
{
    ADD_ROWS(finds, find_test);
    ADD_ROWS(covers, cover_test);
    add_test("no windows cover nothing", no_windows_test);
    return run_added("windows");
}
