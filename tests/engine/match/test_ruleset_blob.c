/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/builder.h"

#include "bytes.h"
#include "rules.h"

/* ruleset.h wants Hyperscan's header, which the tests do not see. */
void ndr_tables_write(const ndr_builder *b, ndr_buffer *out);
int ndr_tables_read(unsigned char *bytes, size_t len, ndr_ruleset **ret, ndr_error *err);

static const ndr_rule_spec specs[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "a", .system = "S", .where = "w:1",
     .kind = NDR_KIND_FAILED, .rank = 5, ALL({.target = "subject", .match = "failed"}),
     ANY({.target = "text", .match = "gone"}),
     NONE({.target = "header:x-list", .present = true})},
    {NDR_SIZED(ndr_rule_spec), .id = "b", .kind = NDR_KIND_DELAYED, .rank = 1,
     ALL({.target = "status", .match = "^action: delayed"},
         {.target = "to", .absent = true})},
};

static ndr_buffer
blob_of(const ndr_ruleset *rs)
{
    ndr_buffer blob = {0};
    ndr_error err = {0};
    if (ndr_ruleset_save(rs, &blob, &err) < 0)
        fail_msg("%s", err.text);
    return blob;
}

static const char mail[] =
    "Return-Path: <>\nSubject: failed\nTo: a@example.com\n\nIt is gone.\n";

static const char *
named_by(const ndr_ruleset *rs)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rs};
    ndr_scanner *s = NULL;
    ndr_verdict v;
    ndr_message m = make_message(NDR_SLICE(mail));
    assert_int_equal(ndr_scanner_new(&opts, &s, NULL), 0);
    assert_int_equal(ndr_scan(s, &m, NULL, NULL, &v, NULL), 0);
    ndr_scanner_free(s);
    return v.rule == NULL ? "" : v.rule->id;
}

static void
round_trip_test(void **state)
{
    (void)state;
    ndr_ruleset *rs = make_rules(specs, 2), *back = NULL;
    ndr_buffer blob = blob_of(rs);
    ndr_error err = {0};
    unsigned char *copy = exact_copy(blob.ptr, blob.len);
    if (ndr_ruleset_load((ndr_slice){copy, blob.len}, NULL, &back, &err) < 0)
        fail_msg("%s", err.text);
    free(copy); /* the ruleset keeps nothing of it */
    assert_int_equal(ndr_ruleset_count(back), 2);
    const ndr_rule *a = ndr_ruleset_rule(rs, 0), *b = ndr_ruleset_rule(back, 0);
    assert_string_equal(b->id, "a");
    assert_string_equal(b->system, "S");
    assert_string_equal(b->where, "w:1");
    assert_int_equal(b->kind, a->kind);
    assert_int_equal(b->rank, a->rank);
    assert_int_equal(b->none_count, 1);
    assert_string_equal(ndr_ruleset_signal_target(back, b->signal[2]), "header:x-list");
    assert_string_equal(named_by(rs), "a");
    assert_string_equal(named_by(back), "a");
    ndr_buffer again = blob_of(back); /* and is the same */
    assert_int_equal(again.len, blob.len);
    assert_memory_equal(again.ptr, blob.ptr, blob.len);
    ndr_buffer_free(&again);
    ndr_buffer_free(&blob);
    ndr_ruleset_free(back);
    ndr_ruleset_free(rs);
}

static unsigned given_back;

static void
give_back(ndr_slice bytes)
{
    given_back++;
    free((void *)(uintptr_t)bytes.ptr);
}

static void
in_place_test(void **state)
{
    (void)state;
    ndr_ruleset *rs = make_rules(specs, 2), *back = NULL;
    ndr_buffer blob = blob_of(rs);
    unsigned char *row = aligned_alloc(NDR_BLOB_ALIGN, blob.len);
    assert_non_null(row);
    assert_int_equal(blob.len % NDR_BLOB_ALIGN, 0);
    memcpy(row, blob.ptr, blob.len);
    const ndr_blob_owner home = {{row, blob.len}, give_back};
    row[blob.len - 1] ^= 1; /* when it is refused, it stays ours */
    assert_int_equal(ndr_ruleset_load(home.bytes, &home, &back, NULL), NDR_E_DAMAGED);
    row[blob.len - 1] ^= 1;
    const ndr_slice beside = {row + 8, blob.len - 8};
    assert_int_equal(ndr_ruleset_load(beside, &home, &back, NULL), NDR_E_LIMIT);
    assert_int_equal(given_back, 0);
    assert_int_equal(ndr_ruleset_load(home.bytes, &home, &back, NULL), 0);
    assert_string_equal(named_by(back), "a");
    assert_memory_equal(row, blob.ptr, blob.len); /* scanning writes nothing there */
    ndr_ruleset_free(back);
    assert_int_equal(given_back, 1);
    ndr_buffer_free(&blob);
    ndr_ruleset_free(rs);
}

static void
append_test(void **state)
{
    (void)state;
    ndr_ruleset *rs = make_rules(specs, 2), *back = NULL;
    ndr_buffer out = {0};
    ndr_buffer_text(&out, "12345678"); /* what is there already stays */
    assert_int_equal(ndr_ruleset_save(rs, &out, NULL), 0);
    assert_memory_equal(out.ptr, "12345678", 8);
    assert_int_equal(
        ndr_ruleset_load((ndr_slice){out.ptr + 8, out.len - 8}, NULL, &back, NULL), 0);
    ndr_ruleset_free(back);
    ndr_ruleset_free(rs);
    ndr_buffer_free(&out);
}

/* A set without any database: a blob small enough to try every bit of it. */
static ndr_ruleset *
tiny_rules(void)
{
    const ndr_rule_spec spec = {NDR_SIZED(ndr_rule_spec), .id = "a",
                                .kind = NDR_KIND_FAILED,
                                ALL({.target = "to", .absent = true})};
    ndr_builder *b = ndr_builder_new();
    ndr_ruleset *rs = NULL;
    assert_int_equal(ndr_builder_rule(b, &spec, NULL), 0);
    assert_int_equal(ndr_builder_compile(b, &rs, NULL), 0);
    ndr_builder_free(b);
    return rs;
}

static void
refused(const unsigned char *bytes, size_t n, const char *what, size_t at)
{
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    const int rc = ndr_ruleset_load((ndr_slice){bytes, n}, NULL, &rs, &err);
    if ((rc != NDR_E_DAMAGED && rc != NDR_E_LIMIT) || rs != NULL || err.text[0] == '\0')
        fail_msg("%s %zu: %d %s", what, at, rc, err.text);
}

static void
flip_test(void **state)
{
    (void)state;
    ndr_ruleset *sets[] = {tiny_rules(), make_rules(specs, 2)};
    for (int k = 0; k < 2; k++) {
        ndr_buffer blob = blob_of(sets[k]);
        unsigned char *copy = exact_copy(blob.ptr, blob.len);
        for (size_t i = 0; i < blob.len; i++)
            for (unsigned bit = 0; bit < 8; bit += k == 0 ? 1 : 5) {
                copy[i] ^= (unsigned char)(1u << bit);
                refused(copy, blob.len, "byte", i);
                copy[i] = blob.ptr[i];
            }
        free(copy);
        ndr_buffer_free(&blob);
        ndr_ruleset_free(sets[k]);
    }
}

static void
cut_test(void **state)
{
    (void)state;
    ndr_ruleset *sets[] = {tiny_rules(), make_rules(specs, 2)};
    for (int k = 0; k < 2; k++) {
        ndr_buffer blob = blob_of(sets[k]);
        for (size_t n = 0; n < blob.len;
             n += k == 0 || n < 1000 || n + 100 > blob.len ? 1 : 37) {
            unsigned char *copy = exact_copy(blob.ptr, n);
            refused(copy, n, "cut at", n);
            free(copy);
        }
        ndr_buffer_text(&blob, "more bytes");
        refused(blob.ptr, blob.len, "longer by", 10);
        ndr_buffer_free(&blob);
        ndr_ruleset_free(sets[k]);
    }
}

/* Behind the checksum: tables that are not sound are refused, or harmless. */
static void
tables_test(void **state)
{
    (void)state;
    ndr_builder *b = ndr_builder_new();
    for (int i = 0; i < 2; i++)
        assert_int_equal(ndr_builder_rule(b, &specs[i], NULL), 0);
    ndr_buffer tables = {0};
    ndr_tables_write(b, &tables);
    assert_false(tables.failed);
    size_t taken = 0;
    for (size_t i = 0; i < tables.len; i++)
        for (unsigned k = 0; k < 10; k++) { /* eight bits, all ones, and a cut there */
            const size_t n = k == 9 ? i : tables.len;
            unsigned char *copy = exact_copy(tables.ptr, n);
            if (k < 9)
                copy[i] = (unsigned char)(k == 8 ? 0xffu : copy[i] ^ (1u << k));
            ndr_ruleset *rs = NULL;
            ndr_error err = {0};
            const int rc =
                ndr_tables_read(copy, n, &rs, &err); /* frees or keeps `copy` */
            if (rc == 0) {
                taken++;
                for (size_t r = 0; r < ndr_ruleset_count(rs); r++) {
                    const ndr_rule *rule = ndr_ruleset_rule(rs, r);
                    assert_true(strlen(rule->id) + strlen(rule->where) < tables.len);
                    assert_true(rule->kind > NDR_KIND_NONE &&
                                rule->kind < NDR_KIND_COUNT);
                    for (uint32_t s = 0;
                         s < rule->all_count + rule->any_count + rule->none_count; s++)
                        assert_non_null(ndr_ruleset_signal_target(rs, rule->signal[s]));
                }
                ndr_ruleset_free(rs);
            } else {
                assert_int_equal(rc, NDR_E_DAMAGED);
            }
        }
    assert_true(taken > 0); /* letters of a pattern, for one */
    ndr_buffer_free(&tables);
    ndr_builder_free(b);
}

static void
platform_test(void **state)
{
    (void)state;
    assert_non_null(strstr(ndr_platform(), "hyperscan "));
    char first[200];
    (void)strncpy(first, ndr_platform(), sizeof first - 1);
    first[sizeof first - 1] = '\0';
    assert_string_equal(first, ndr_platform());
}

int
main(void)
{
    add_test("what is saved can be loaded", round_trip_test);
    add_test("what is loaded in place is given back with the rules", in_place_test);
    add_test("saving appends", append_test);
    add_test("every flipped byte is refused", flip_test);
    add_test("every cut is refused", cut_test);
    add_test("tables that are not sound are refused or harmless", tables_test);
    add_test("the platform is one line", platform_test);
    return run_added("ruleset_blob");
}
