/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_logs.c - does whatever is in a log, or in mail, tell only whole facts, the same
 * however it is cut into pieces and runs?
 */
#include "fuzz.h"

#include "sent/log_joins.h"

enum { BYTES_LIMIT = 64 << 10, FILE_TIME = 1796040000 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static int
found(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient, int64_t sent,
      ndr_error *err)
{
    ndr_buffer *told = ctx;
    (void)err;
    LAW(id.len > 0 && domain.len > 0, "%zu and %zu bytes", id.len, domain.len);
    LAW(recipient.len == 0 || memchr(recipient.ptr, '@', recipient.len) != NULL,
        "a recipient without @");
    LAW(sent != NDR_TIME_UNKNOWN, "no time");
    ndr_buffer_add(told, id);
    ndr_buffer_byte(told, '\t');
    ndr_buffer_add(told, domain);
    ndr_buffer_byte(told, '\t');
    ndr_buffer_add(told, recipient);
    ndr_buffer_printf(told, "\t%lld\n", (long long)sent);
    return 0;
}

static void
read_log(const uint8_t *p, size_t n, size_t step, enum ndr_sent_log_kind kind,
         ndr_buffer *told)
{
    static const char *const network[] = {"127.0.0.0/8", "192.0.2.0/24"};
    const ndr_sent_log_opts opts = {NDR_SIZED(ndr_sent_log_opts),
                                    .kind = kind,
                                    .submitter = network,
                                    .submitter_count = n % 3,
                                    .zone_given = true,
                                    .found = found,
                                    .ctx = told};
    ndr_sent_log *l = NULL;
    ndr_error err = {0};
    LAW(ndr_sent_log_new(&opts, &l, &err) == 0, "%s", err.text);
    ndr_sent_log_begin(l, FILE_TIME);
    for (size_t at = 0; at < n; at += step) {
        const size_t len = n - at < step ? n - at : step;
        unsigned char *piece = fuzz_copy(p + at, len);
        LAW(ndr_sent_log_add(l, (ndr_slice){piece, len}, &err) == 0, "%s", err.text);
        free(piece);
    }
    ndr_sent_log_end(l);
    ndr_sent_log_free(l);
}

static bool
is_same(const ndr_buffer *a, const ndr_buffer *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static void
check_log(const uint8_t *p, size_t n, enum ndr_sent_log_kind kind)
{
    ndr_buffer whole = {0}, pieces = {0};
    read_log(p, n, n > 0 ? n : 1, kind, &whole);
    read_log(p, n, 1 + fuzz_hash(p, n) % 97, kind, &pieces);
    LAW(is_same(&whole, &pieces), "%zu bytes whole, %zu in pieces", whole.len,
        pieces.len);
    ndr_buffer_free(&whole);
    ndr_buffer_free(&pieces);
}

/* What can be read of messages under way is written, and is the same when it is read. */
static void
check_joins(const uint8_t *p, size_t n)
{
    ndr_joins j = {0}, again = {0};
    ndr_buffer once = {0};
    if (ndr_joins_read(&j, (ndr_slice){p, n})) {
        ndr_joins_write(&j, &once);
        LAW(ndr_joins_read(&again, (ndr_slice){once.ptr, once.len}), "%.*s",
            (int)once.len, (const char *)once.ptr);
        LAW(again.count == j.count, "%zu of %zu", again.count, j.count);
    }
    ndr_joins_sweep(&j);
    ndr_joins_free(&j);
    ndr_joins_free(&again);
    ndr_buffer_free(&once);
}

static int
found_mail(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient, int64_t sent,
           ndr_error *err)
{
    (void)domain;
    return found(ctx, id, NDR_SLICE("x"), recipient, sent, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    ndr_buffer told = {0};
    ndr_error err = {0};
    if (n > BYTES_LIMIT)
        return -1;
    unsigned char *p = fuzz_copy(bytes, n);
    check_log(p, n, NDR_SENT_LOG_POSTFIX);
    check_log(p, n, NDR_SENT_LOG_EXIM);
    check_joins(p, n);
    LAW(ndr_sent_mail((ndr_slice){p, n}, 0, found_mail, &told, &err) == 0, "%s",
        err.text);
    ndr_buffer_free(&told);
    free(p);
    return 0;
}
