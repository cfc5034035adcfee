/* SPDX-License-Identifier: BSD-3-Clause */
/* log_harness.h - what a log tells, for tests. */
#ifndef LOG_HARNESS_H
#define LOG_HARNESS_H

#include "sent_box.h"

/* "id domain recipient\n" in the order told, without what has no recipient when the
 * message has one. */
typedef struct log_told {
    ndr_buffer text;
    int64_t sent; /* of the last */
} log_told;

static inline int
log_found(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient, int64_t sent,
          ndr_error *err)
{
    log_told *t = ctx;
    (void)err;
    ndr_buffer_add(&t->text, id);
    ndr_buffer_byte(&t->text, ' ');
    ndr_buffer_add(&t->text, domain);
    ndr_buffer_byte(&t->text, ' ');
    ndr_buffer_add(&t->text, recipient);
    ndr_buffer_byte(&t->text, '\n');
    t->sent = sent;
    return 0;
}

/* Of 2026-11-30, noon. */
#define LOG_FILE_TIME INT64_C(1796040000)

static inline ndr_sent_log *
log_open(enum ndr_sent_log_kind kind, const char *const *submitter, log_told *told)
{
    ndr_sent_log *l = NULL;
    ndr_error err = {0};
    ndr_sent_log_opts opts = {NDR_SIZED(ndr_sent_log_opts), .kind = kind,
                              .submitter = submitter,       .zone_given = true,
                              .found = log_found,           .ctx = told};
    *told = (log_told){.sent = -1};
    while (submitter != NULL && submitter[opts.submitter_count] != NULL)
        opts.submitter_count++;
    if (ndr_sent_log_new(&opts, &l, &err) != 0)
        fail_msg("%s", err.text);
    return l;
}

/* A file of these lines, in pieces of `step` bytes. */
static inline void
log_read(ndr_sent_log *l, const char *lines, size_t step)
{
    const size_t n = strlen(lines);
    ndr_error err = {0};
    ndr_sent_log_begin(l, LOG_FILE_TIME);
    for (size_t at = 0; at < n; at += step) {
        const size_t len = n - at < step ? n - at : step;
        unsigned char *piece = exact_copy(lines + at, len);
        if (ndr_sent_log_add(l, (ndr_slice){piece, len}, &err) != 0)
            fail_msg("%s", err.text);
        free(piece);
    }
    ndr_sent_log_end(l);
}

static inline void
log_close(ndr_sent_log *l, log_told *told, const char *want)
{
    ndr_buffer_byte(&told->text, '\0');
    assert_false(told->text.failed);
    assert_string_equal((const char *)told->text.ptr, want);
    ndr_buffer_free(&told->text);
    ndr_sent_log_free(l);
}

/* A log, and what it tells. */
typedef struct log_row {
    const char *why;
    const char *const *submitter; /* ends with NULL; or NULL */
    const char *lines;
    const char *want;
} log_row;

/* The same is told in whatever pieces the log comes. */
static inline void
log_check(enum ndr_sent_log_kind kind, const log_row *r)
{
    static const size_t step[] = {100000, 1, 7, 64};
    for (size_t i = 0; i < sizeof step / sizeof step[0]; i++) {
        log_told told;
        ndr_sent_log *l = log_open(kind, r->submitter, &told);
        log_read(l, r->lines, step[i]);
        log_close(l, &told, r->want);
    }
}

#endif
