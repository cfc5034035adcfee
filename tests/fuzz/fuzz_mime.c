/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_mime.c - do headers, parts, encodings, charsets, HTML and paragraphs keep their
 * words?
 */
#include "fuzz.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "mail/charset.h"
#include "mail/header.h"
#include "mail/html.h"
#include "mail/mime.h"
#include "mail/paragraph.h"
#include "mail/transfer.h"
#include "match/fold.h"

static ndr_charsets charsets;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static ndr_slice
whole(const ndr_buffer *b)
{
    LAW(!b->failed, "no memory");
    return (ndr_slice){b->ptr, b->len};
}

static void
check_utf8(const ndr_buffer *b)
{
    const ndr_slice s = whole(b);
    LAW(fuzz_is_utf8(s.ptr, s.len), "%zu bytes", s.len);
    LAW(ndr_is_utf8(s), "%zu bytes", s.len);
}

/* One line without a blank at its ends or two in a row. */
static void
check_canonical(const unsigned char *p, size_t n)
{
    bool blank = true;
    for (size_t i = 0; i < n; i++) {
        LAW(p[i] >= ' ' && p[i] != 0x7f, "control character %u at %zu", p[i], i);
        LAW(p[i] != ' ' || !blank, "a blank too many at %zu", i);
        blank = p[i] == ' ';
    }
    LAW(n == 0 || !blank, "a blank at the end");
}

static void
check_fold(ndr_buffer *b)
{
    const size_t n = b->len;
    ndr_fold(b->ptr, n);
    check_utf8(b);
    unsigned char *once = fuzz_copy(b->ptr, n);
    ndr_fold(b->ptr, n);
    LAW(n == 0 || memcmp(once, b->ptr, n) == 0, "folding twice is another thing");
    free(once);
}

/* ---- header ---- */

static size_t
check_header(ndr_slice raw)
{
    ndr_buffer work = {0}, out = {0};
    size_t at = 0, behind = 0;
    ndr_field f;
    while (ndr_header_next(raw, &at, &f) == 1) {
        LAW(at > behind && at <= raw.len, "at %zu after %zu", at, behind);
        LAW(f.name.len > 0 && f.name.ptr >= raw.ptr + behind, "name");
        LAW(f.value.ptr > f.name.ptr && f.value.ptr + f.value.len <= raw.ptr + at,
            "value");
        behind = at;
        unsigned char *copy = fuzz_copy(f.value.ptr, f.value.len);
        const ndr_slice value = {copy, f.value.len};
        ndr_buffer_clear(&out);
        ndr_buffer_text(&out, "x\n");
        ndr_header_value(&charsets, value, &work, &out);
        check_utf8(&out);
        check_canonical(out.ptr + 2, out.len - 2);
        ndr_buffer_clear(&out);
        ndr_header_plain(value, &out);
        check_utf8(&out);
        check_canonical(out.ptr, out.len);
        check_fold(&out);
        free(copy);
    }
    LAW(at >= behind && at <= raw.len, "at %zu after %zu", at, behind);
    ndr_buffer_free(&work);
    ndr_buffer_free(&out);
    return at;
}

/* ---- transfer ---- */

/* Base64, a digit at a time, from RFC 2045 6.8: '=' ends the data. */
static void
slow_base64(ndr_slice in, ndr_buffer *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits[8], have = 0; /* of the byte that is being put together */
    for (size_t i = 0; i < in.len; i++) {
        const char *d = in.ptr[i] == '\0' ? NULL : strchr(digits, in.ptr[i]);
        if (in.ptr[i] == '=')
            return;
        if (d == NULL)
            continue;
        for (int b = 5; b >= 0; b--) {
            bits[have++] = (unsigned)(d - digits) >> b & 1u;
            if (have < 8)
                continue;
            unsigned byte = 0;
            for (unsigned k = 0; k < 8; k++)
                byte = byte << 1 | bits[k];
            ndr_buffer_byte(out, (unsigned char)byte);
            have = 0;
        }
    }
}

static void
check_transfer(ndr_slice in, ndr_buffer *fast, ndr_buffer *slow)
{
    ndr_buffer_clear(fast);
    ndr_buffer_clear(slow);
    ndr_base64_decode(in, fast);
    slow_base64(in, slow);
    LAW(ndr_slice_equal(whole(fast), whole(slow)), "base64: %zu bytes, slow: %zu",
        fast->len, slow->len);
    ndr_buffer_free(fast); /* as it is for the first message */
    ndr_qp_decode(in, true, fast);
    LAW(fast->len <= in.len, "quoted-printable that grows");
    ndr_buffer_clear(fast);
    ndr_qp_decode(in, false, fast);
    LAW(fast->len <= in.len, "quoted-printable that grows");
}

/* ---- text ---- */

/* Lone CRs as LFs: byte by byte. */
static void
check_lines(ndr_slice text, ndr_slice got)
{
    LAW(got.len == text.len, "%zu bytes of %zu", got.len, text.len);
    for (size_t i = 0; i < text.len; i++) {
        const bool lone =
            text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n');
        LAW(got.ptr[i] == (lone ? '\n' : text.ptr[i]), "at %zu", i);
    }
}

static void
check_paragraphs(ndr_slice text, ndr_buffer *out)
{
    ndr_buffer_clear(out);
    unsigned char *copy = fuzz_copy(text.ptr, text.len);
    ndr_buffer lined = {0};
    const ndr_slice lines = ndr_lines_unify((ndr_slice){copy, text.len}, &lined);
    LAW(!lined.failed, "no memory");
    check_lines(text, lines);
    const ndr_slice pasted = ndr_paragraphs_add(lines, out);
    LAW(pasted.len == 0 || pasted.ptr + pasted.len == lines.ptr + lines.len,
        "pasted to the end");
    free(copy);
    ndr_buffer_free(&lined);
    check_utf8(out);
    for (size_t i = 0; i < out->len;) {
        const unsigned char *lf = memchr(out->ptr + i, '\n', out->len - i);
        LAW(lf != NULL, "no line end");
        const size_t n = (size_t)(lf - out->ptr) - i;
        LAW(n > 0, "an empty paragraph");
        check_canonical(out->ptr + i, n);
        i += n + 1;
    }
    check_fold(out);
}

typedef struct parts {
    ndr_slice raw;
    const unsigned char *behind; /* bodies come in order */
    size_t count;
    ndr_buffer fast, slow, text, page;
} parts;

static bool
take_part(void *ctx, const ndr_part *part)
{
    parts *w = ctx;
    const ndr_content *c = part->content;
    w->count++;
    LAW(c->type.len > 0, "no type");
    if (part->multipart)
        return true;
    const ndr_slice body = part->body;
    LAW(body.len <= w->raw.len && body.ptr >= w->raw.ptr &&
            body.ptr + body.len <= w->raw.ptr + w->raw.len,
        "a body that is not in the message");
    LAW(body.ptr >= w->behind, "bodies that overlap");
    w->behind = body.ptr + body.len;
    unsigned char *copy = fuzz_copy(body.ptr, body.len);
    ndr_slice in = {copy, body.len};
    check_transfer(in, &w->fast, &w->slow);
    ndr_buffer_clear(&w->fast);
    if (c->transfer == NDR_TRANSFER_BASE64)
        ndr_base64_decode(in, &w->fast);
    else if (c->transfer == NDR_TRANSFER_QP)
        ndr_qp_decode(in, false, &w->fast);
    else
        ndr_buffer_add(&w->fast, in);
    free(copy);
    copy = fuzz_copy(w->fast.ptr, w->fast.len);
    in = (ndr_slice){copy, w->fast.len};
    ndr_buffer_free(&w->text); /* as it is for the first message */
    ndr_charset_add(&charsets, c->charset, in, &w->text);
    check_utf8(&w->text);
    /* the same again: a converter keeps no state */
    ndr_buffer_clear(&w->page);
    ndr_charset_add(&charsets, c->charset, in, &w->page);
    LAW(ndr_slice_equal(whole(&w->text), whole(&w->page)), "a converter with a memory");
    free(copy);
    check_paragraphs(whole(&w->text), &w->fast);
    copy = fuzz_copy(w->text.ptr, w->text.len);
    ndr_buffer_clear(&w->page);
    ndr_html_text((ndr_slice){copy, w->text.len}, &w->page);
    free(copy);
    check_utf8(&w->page);
    check_paragraphs(whole(&w->page), &w->fast);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n == 0)
        bytes = (const uint8_t *)""; /* libFuzzer's NULL cannot be counted on from */
    const ndr_slice raw = {bytes, n};
    const size_t body = check_header(raw);
    ndr_arena arena = {0};
    ndr_content top;
    const size_t at = ndr_content_read(&arena, raw, "text/plain", &top);
    LAW(at == body, "body at %zu and at %zu", at, body);
    parts w = {.raw = raw, .behind = bytes + at};
    (void)ndr_mime_walk(&arena, &top, (ndr_slice){bytes + at, n - at}, take_part, &w);
    LAW(w.count > 0, "no part");
    ndr_buffer_free(&w.fast);
    ndr_buffer_free(&w.slow);
    ndr_buffer_free(&w.text);
    ndr_buffer_free(&w.page);
    ndr_arena_free(&arena);
    return 0;
}
