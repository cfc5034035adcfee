/* SPDX-License-Identifier: BSD-3-Clause */
/* fuzz_report.c - are a report part's facts what its fields say, whatever its line ends?
 */
#include "fuzz.h"

#include "base/arena.h"
#include "facts/delivery_report.h"

static const char *const types[] = {
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "text/plain",
};

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* The facts of one part, written down. */
static void
facts(ndr_slice type, const uint8_t *bytes, size_t n, ndr_buffer *lines, ndr_buffer *out)
{
    unsigned char *copy = fuzz_copy(bytes, n);
    ndr_arena arena = {0};
    ndr_report r = {0};
    ndr_buffer_clear(lines);
    ndr_buffer_clear(out);
    ndr_report_read(&r, type, (ndr_slice){copy, n}, &arena, lines);
    free(copy);
    LAW(r.count <= NDR_RECIPIENT_LIMIT && r.count <= r.cap, "%zu recipients", r.count);
    LAW(!lines->failed, "no memory");
    LAW(fuzz_is_utf8(lines->ptr, lines->len), "the lines are not UTF-8");
    LAW(lines->len == 0 || lines->ptr[lines->len - 1] == '\n', "no line end");
    ndr_buffer_printf(out, "%d %d\n", (int)r.kind, r.has_action);
    ndr_buffer_add(out, r.reporting_mta);
    for (size_t i = 0; i < r.count; i++) {
        const ndr_recipient *row = &r.recipient[i];
        const ndr_slice field[] = {row->final,  row->original,   row->action,
                                   row->status, row->diagnostic, row->remote_mta};
        for (size_t k = 0; k < sizeof field / sizeof field[0]; k++) {
            const ndr_slice f = field[k];
            LAW(fuzz_is_utf8(f.ptr, f.len), "a fact is not UTF-8");
            LAW(f.len == 0 || memchr(f.ptr, '\n', f.len) == NULL, "a fact of two lines");
            LAW(f.len == 0 || (f.ptr[0] != ' ' && f.ptr[f.len - 1] != ' '),
                "blanks: '%.*s'", (int)f.len, (const char *)f.ptr);
            ndr_buffer_text(out, "|");
            ndr_buffer_add(out, f);
        }
        ndr_buffer_text(out, "\n");
    }
    LAW(!out->failed, "no memory");
    ndr_arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const size_t kinds = sizeof types / sizeof types[0];
    /* what is written by hand ends in a line end: a delivery report, then */
    const size_t pick = n == 0 || bytes[n - 1] == '\n' ? 0 : bytes[n - 1] % kinds;
    const ndr_slice type = ndr_slice_of(types[pick]);
    LAW(ndr_report_type(type) == (pick + 1 < kinds), "%s", types[pick]);
    ndr_buffer lines = {0}, first = {0}, other = {0}, crlf = {0};
    facts(type, bytes, n, &lines, &first);
    if (n > 0 && memchr(bytes, '\r', n) == NULL) {
        for (size_t i = 0; i < n; i++) {
            if (bytes[i] == '\n')
                ndr_buffer_byte(&crlf, '\r');
            ndr_buffer_byte(&crlf, bytes[i]);
        }
        facts(type, crlf.ptr, crlf.len, &lines, &other);
        LAW(first.len == other.len && memcmp(first.ptr, other.ptr, first.len) == 0,
            "LF:\n%.*s\nCRLF:\n%.*s", (int)first.len, (char *)first.ptr, (int)other.len,
            (char *)other.ptr);
    }
    ndr_buffer_free(&lines);
    ndr_buffer_free(&first);
    ndr_buffer_free(&other);
    ndr_buffer_free(&crlf);
    return 0;
}
