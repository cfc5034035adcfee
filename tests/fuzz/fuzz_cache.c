/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_cache.c - is a blob that is not what was saved refused, and one whose checksum
 * holds never more than it says?
 *
 * First byte 'T': the rest are table bytes, put between the databases of a real ruleset
 * and signed. All else: three bytes each, an offset and what to do to the byte there.
 * A blob itself cannot be kept: it belongs to one Hyperscan and one CPU.
 */
#include "fuzz.h"

#include "match/ruleset.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

static ndr_ruleset *rules;
static ndr_buffer blob;
static size_t tables_at, tables_len; /* the tables' block in `blob` */

static const ndr_rule_spec specs[] = {
    {NDR_SIZED(ndr_rule_spec), .id = "one", .system = "A", .where = "r.yaml:1",
     .kind = NDR_KIND_FAILED, .rank = 5,
     .all = (const ndr_signal_spec[]){{.target = "subject", .match = "^undelivered"},
                                      {.target = "text", .match = "mail system"}},
     .all_count = 2},
    {NDR_SIZED(ndr_rule_spec), .id = "two", .where = "r.yaml:9", .kind = NDR_KIND_DELAYED,
     .any = (const ndr_signal_spec[]){{.target = "status", .match = "^action: delayed"},
                                      {.target = "header:x-loop", .present = true}},
     .any_count = 2,
     .none = (const ndr_signal_spec[]){{.target = "from", .absent = true}},
     .none_count = 1},
};

static const char mail[] =
    "From: mailer-daemon@example.com\nSubject: Undelivered mail\nX-Loop: a\n"
    "Content-Type: multipart/report; boundary=b\n\n--b\n\nThe mail system\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nAction: delayed\n"
    "Final-Recipient: rfc822; u@example.net\n--b--\n";

enum { SUM_AT = 16, ROW_BYTES = 64 };

static size_t
rows(size_t n)
{
    return (n + ROW_BYTES - 1) / ROW_BYTES * ROW_BYTES;
}

/* The sum in the head, as ruleset_blob.c makes it. */
static void
sign(ndr_buffer *b)
{
    const uint64_t h = XXH3_64bits(b->ptr + ROW_BYTES, b->len - ROW_BYTES);
    memcpy(b->ptr + SUM_AT, &h, sizeof h);
}

static void
scan_with(const ndr_ruleset *rs)
{
    const ndr_scan_opts opts = {NDR_SIZED(ndr_scan_opts), .rules = rs};
    ndr_scanner *s = NULL;
    ndr_error err = {0};
    LAW(ndr_scanner_new(&opts, &s, &err) == 0, "%s", err.text);
    ndr_message m = {.raw = NDR_SLICE(mail),
                     .source = "-",
                     .length = sizeof mail - 1,
                     .framed = NDR_TIME_UNKNOWN,
                     .file_time = NDR_TIME_UNKNOWN};
    ndr_verdict v;
    LAW(ndr_scan(s, &m, NULL, NULL, &v, &err) == 0, "%s", err.text);
    ndr_scanner_free(s);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    ndr_error err = {0};
    ndr_builder *b = ndr_builder_new();
    LAW(b != NULL, "no memory");
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++)
        LAW(ndr_builder_rule(b, &specs[i], &err) == 0, "%s", err.text);
    LAW(ndr_builder_compile(b, &rules, &err) == 0, "%s", err.text);
    ndr_builder_free(b);
    LAW(ndr_ruleset_save(rules, &blob, &err) == 0, "%s", err.text);
    uint64_t platform;
    memcpy(&platform, blob.ptr + ROW_BYTES, sizeof platform);
    tables_at = 2 * ROW_BYTES + rows((size_t)platform);
    uint64_t len;
    memcpy(&len, blob.ptr + tables_at, sizeof len);
    tables_len = (size_t)len;
    LAW(tables_len == rules->bytes_len, "%zu bytes of tables", tables_len);
    const char *dump =
        getenv("NDR_FUZZ_DUMP"); /* where to write the tables as an input */
    if (dump != NULL) {
        FILE *f = fopen(dump, "wb");
        LAW(f != NULL && fputc('T', f) == 'T' &&
                fwrite(rules->bytes, 1, tables_len, f) == tables_len && fclose(f) == 0,
            "%s", dump);
    }
    return 0;
}

static void
check_tables(const uint8_t *bytes, size_t n)
{
    static const unsigned char none[ROW_BYTES];
    ndr_buffer b = {0};
    ndr_buffer_add(&b, (ndr_slice){blob.ptr, tables_at});
    const uint64_t len = n;
    ndr_buffer_add(&b, (ndr_slice){(const unsigned char *)&len, sizeof len});
    ndr_buffer_add(&b, (ndr_slice){none, ROW_BYTES - sizeof len});
    ndr_buffer_add(&b, (ndr_slice){bytes, n});
    ndr_buffer_add(&b, (ndr_slice){none, rows(n) - n});
    const size_t behind = tables_at + ROW_BYTES + rows(tables_len);
    ndr_buffer_add(&b, (ndr_slice){blob.ptr + behind, blob.len - behind});
    LAW(!b.failed, "no memory");
    sign(&b);
    unsigned char *copy = fuzz_copy(b.ptr, b.len);
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    const int rc = ndr_ruleset_load((ndr_slice){copy, b.len}, NULL, &rs, &err);
    free(copy);
    if (rc != 0) {
        fuzz_check_error(rc, &err);
        LAW(rc == NDR_E_DAMAGED, "%s", err.text);
    } else {
        for (size_t i = 0; i < ndr_ruleset_count(rs); i++) {
            const ndr_rule *r = ndr_ruleset_rule(rs, i);
            LAW(r->kind > NDR_KIND_NONE && r->kind < NDR_KIND_COUNT, "kind %d",
                (int)r->kind);
            LAW(strlen(r->id) + strlen(r->system) + strlen(r->where) < n, "rule %zu", i);
            for (uint32_t k = 0; k < r->all_count + r->any_count + r->none_count; k++)
                LAW(ndr_ruleset_signal_target(rs, r->signal[k])[0] != '\0', "rule %zu",
                    i);
        }
        /* databases know their signals by number: others are not theirs */
        if (rs->signal_count == rules->signal_count)
            scan_with(rs);
        ndr_ruleset_free(rs);
    }
    ndr_buffer_free(&b);
}

static void
check_torn(const uint8_t *bytes, size_t n)
{
    size_t len = blob.len;
    unsigned char *copy = fuzz_copy(blob.ptr, blob.len);
    for (size_t i = 0; i + 3 <= n; i += 3) {
        const size_t at = (size_t)bytes[i] * 256 + bytes[i + 1];
        if (at == 0xffff)
            len = len > bytes[i + 2] ? len - bytes[i + 2] : 0; /* cut off at the end */
        else
            copy[at % blob.len] ^= bytes[i + 2];
    }
    const bool whole = len == blob.len && memcmp(copy, blob.ptr, len) == 0;
    unsigned char *exact = fuzz_copy(copy, len);
    ndr_ruleset *rs = NULL;
    ndr_error err = {0};
    const int rc = ndr_ruleset_load((ndr_slice){exact, len}, NULL, &rs, &err);
    free(exact);
    free(copy);
    LAW((rc == 0) == whole, "answer %d for what is %s", rc, whole ? "whole" : "torn");
    if (rc != 0)
        fuzz_check_error(rc, &err);
    ndr_ruleset_free(rs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > 64 << 10)
        return -1;
    if (n > 0 && bytes[0] == 'T')
        check_tables(bytes + 1, n - 1);
    else
        check_torn(bytes, n);
    return 0;
}
