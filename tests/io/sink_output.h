/* SPDX-License-Identifier: BSD-3-Clause */
/* sink_output.h - one sink on a file of its own, for golden text. */
#ifndef NDR_SINK_OUTPUT_H
#define NDR_SINK_OUTPUT_H

#include "harness.h"
#include "sink_harness.h"

typedef struct capture {
    FILE *file;
    ndr_sink *sink;
    ndr_batch batch;
} capture;

static inline capture
capture_open(enum ndr_output kind)
{
    capture c = {.file = tmpfile()};
    assert_non_null(c.file);
    assert_int_equal(ndr_output_open(kind, fileno(c.file), &c.sink, NULL), 0);
    return c;
}

static inline ndr_slice
slice_copy(ndr_slice s)
{
    return s.len == 0 ? s : (ndr_slice){exact_copy(s.ptr, s.len), s.len};
}

static inline void
slice_drop(ndr_slice s)
{
    if (s.len > 0)
        free((void *)(uintptr_t)s.ptr);
}

/* Render with exact-size copies of the text that stands in the verdict itself. */
static inline void
capture_render(capture *c, const ndr_message *m, const ndr_verdict *v)
{
    ndr_verdict own = *v;
    ndr_slice *text[] = {
        &own.message_id,          &own.recipient,     &own.domain,
        &own.reporting_mta,       &own.returned.from, &own.returned.to,
        &own.returned.message_id, &own.returned.date, &own.returned.subject};
    const size_t n = sizeof text / sizeof text[0];
    for (size_t i = 0; i < n; i++)
        *text[i] = slice_copy(*text[i]);
    ndr_error err = {0};
    assert_int_equal(c->sink->render(c->sink, &c->batch, m, &own, &err), 0);
    for (size_t i = 0; i < n; i++)
        slice_drop(*text[i]);
}

/* Commit what was rendered and begin another batch. */
static inline void
capture_commit(capture *c, uint64_t base)
{
    ndr_error err = {0};
    assert_int_equal(c->sink->commit(c->sink, &c->batch, base, &err), 0);
    batch_free(&c->batch);
}

/* All bytes written so far, NUL-terminated, and how many; free() them. */
static inline char *
capture_bytes(const capture *c, size_t *ret_len)
{
    const int fd = fileno(c->file);
    const off_t n = lseek(fd, 0, SEEK_END);
    assert_true(n >= 0);
    char *bytes = calloc((size_t)n + 1, 1);
    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, (size_t)n, 0), n);
    *ret_len = (size_t)n;
    return bytes;
}

/* Close and give what was written, NUL-terminated; free() it. */
static inline char *
capture_close(capture *c)
{
    size_t n = 0;
    ndr_error err = {0};
    assert_int_equal(c->sink->close(c->sink, &err), 0);
    char *bytes = capture_bytes(c, &n);
    assert_int_equal(strlen(bytes), n); /* no NUL in the text of these tests */
    batch_free(&c->batch);
    assert_int_equal(fclose(c->file), 0);
    return bytes;
}

/* `text` with its @REASON@ replaced by the sentence of `v`; free() it. */
static inline char *
with_reason(const char *text, const ndr_verdict *v)
{
    static const char mark[] = "@REASON@";
    ndr_buffer out = {0};
    const char *at = strstr(text, mark);
    assert_non_null(at);
    ndr_buffer_add(&out, (ndr_slice){(const unsigned char *)text, (size_t)(at - text)});
    ndr_verdict_reason(v, &out);
    ndr_buffer_text(&out, at + sizeof mark - 1);
    ndr_buffer_byte(&out, '\0');
    assert_false(out.failed);
    return (char *)out.ptr;
}

#endif
