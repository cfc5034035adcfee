/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fuzz_stamp.c - is mail that passes through a filter as it was, but for our fields?
 */
#define _GNU_SOURCE /* memfd_create */
#include "fuzz.h"

#include "ndrscan_io.h"

#include <sys/mman.h>
#include <unistd.h>

enum { BYTES_LIMIT = 64 << 10 };

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* What is behind the first `at` bytes; no bytes may have no address to count from. */
static ndr_slice
behind(ndr_slice s, size_t at)
{
    return at < s.len ? (ndr_slice){s.ptr + at, s.len - at} : (ndr_slice){0};
}

/* ---- a slow second reading of a header ------------------------------------------- */

static bool
is_name(const uint8_t *p, size_t n, const char *name)
{
    const size_t len = strlen(name);
    size_t i = 0;
    for (; i < n && i < len; i++) {
        const int a = p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i];
        const int b = name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i];
        if (a != b)
            return false;
    }
    size_t blanks = 0;
    while (i + blanks < n && (p[i + blanks] == ' ' || p[i + blanks] == '\t'))
        blanks++;
    return i == len && blanks <= 998 && i + blanks < n && p[i + blanks] == ':';
}

static void
strip_slowly(const uint8_t *p, size_t n, bool spam, ndr_buffer *out)
{
    bool dropping = false;
    size_t at = 0;
    while (at < n) {
        size_t end = at;
        while (end < n && p[end] != '\n')
            end++;
        const bool ended = end < n;
        const size_t text = end - at;
        if (ended && (text == 0 || (text == 1 && p[at] == '\r')))
            break;
        if (p[at] != ' ' && p[at] != '\t')
            dropping = is_name(p + at, text, "x-ndr-flag") ||
                       is_name(p + at, text, "x-ndr-status") ||
                       (spam && (is_name(p + at, text, "x-spam-flag") ||
                                 is_name(p + at, text, "x-spam-status")));
        end += ended ? 1 : 0;
        if (!dropping)
            ndr_buffer_add(out, (ndr_slice){p + at, end - at});
        at = end;
    }
    ndr_buffer_add(out, behind((ndr_slice){p, n}, at));
}

/* In pieces of any size, what stays is what the slow reader keeps. */
static void
check_strip(const uint8_t *p, size_t n, size_t step, unsigned how)
{
    ndr_buffer slow = {0}, out = {0};
    ndr_strip s = {0};
    strip_slowly(p, n, (how & NDR_STAMP_SPAMASSASSIN) != 0, &slow);
    ndr_strip_begin(&s, how);
    for (size_t at = 0; at < n; at += step) {
        const size_t len = n - at < step ? n - at : step;
        unsigned char *piece = fuzz_copy(p + at, len);
        const size_t took = ndr_strip_add(&s, (ndr_slice){piece, len}, &out);
        LAW(took <= len && (took == len || s.state == NDR_STRIP_BODY), "took %zu of %zu",
            took, len);
        ndr_buffer_add(&out, (ndr_slice){piece + took, len - took});
        free(piece);
    }
    ndr_strip_end(&s, &out);
    LAW(!out.failed && !slow.failed, "no memory");
    LAW(out.len == slow.len && (out.len == 0 || memcmp(out.ptr, slow.ptr, out.len) == 0),
        "%zu bytes, should be %zu, in steps of %zu", out.len, slow.len, step);
    ndr_strip_free(&s);
    ndr_buffer_free(&out);
    ndr_buffer_free(&slow);
}

/* ---- the whole way ---------------------------------------------------------------- */

/* Strip `rest` into `out` and put the body behind it. */
static void
strip(ndr_strip *s, ndr_slice rest, ndr_buffer *out)
{
    ndr_strip_begin(s, 0);
    const size_t took = ndr_strip_add(s, rest, out);
    ndr_buffer_add(out, behind(rest, took));
    ndr_strip_end(s, out);
}

/* Put fields where they belong and strip the rest: taking the fields out gives the input
 * less what was forged, and doing it again changes nothing. */
static void
check_place(const uint8_t *p, size_t n)
{
    static const char fields[] = "X-NDR-Flag: NO\nX-NDR-Status: none\n";
    bool crlf;
    const size_t place = ndr_stamp_place((ndr_slice){p, n}, &crlf);
    LAW(place <= n, "place %zu of %zu", place, n);
    if (place > 0 && p[place - 1] != '\n')
        return; /* takes a line end first */
    LAW(place == n || (p[place] != ' ' && p[place] != '\t'),
        "a line that goes on is behind the fields");
    ndr_buffer once = {0}, again = {0};
    ndr_strip s = {0};
    ndr_buffer_add(&once, (ndr_slice){p, place});
    ndr_buffer_text(&once, fields);
    strip(&s, behind((ndr_slice){p, n}, place), &once);

    const ndr_slice first = {once.ptr, once.len};
    LAW(ndr_stamp_place(first, &crlf) == place, "the second time elsewhere than %zu",
        place);
    ndr_buffer_add(&again, (ndr_slice){first.ptr, place});
    ndr_buffer_text(&again, fields);
    strip(&s, behind(first, place), &again);
    LAW(s.stripped == 2, "%zu fields are ours", s.stripped);
    LAW(!again.failed && again.len == first.len &&
            memcmp(again.ptr, first.ptr, again.len) == 0,
        "stamped twice is not stamped once");
    ndr_strip_free(&s);
    ndr_buffer_free(&once);
    ndr_buffer_free(&again);
}

/* However little is held at once, all bytes come in order. */
static void
check_carry(const uint8_t *p, size_t n, size_t limit, enum ndr_format format)
{
    const int fd = memfd_create("mail", 0);
    LAW(fd >= 0 && write(fd, p, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0, "memfd");
    const ndr_passthrough_opts opts = {NDR_SIZED(ndr_passthrough_opts), .fd = fd,
                                       .format = format, .message_limit_bytes = limit,
                                       .name = "-"};
    ndr_passthrough *c;
    ndr_error err;
    ndr_message m;
    ndr_slice bytes;
    size_t at = 0;
    LAW(ndr_passthrough_open(&opts, &c, &err) == 0, "open");
    while (ndr_passthrough_next(c, &m, &bytes, &err) == 1) {
        LAW(m.raw.len <= limit, "%zu bytes of a message", m.raw.len);
        LAW(bytes.len > 0 && m.raw.ptr >= bytes.ptr &&
                m.raw.ptr + m.raw.len <= bytes.ptr + bytes.len,
            "the message is not in its bytes");
        do {
            LAW(bytes.len <= n - at && memcmp(p + at, bytes.ptr, bytes.len) == 0,
                "%zu bytes at %zu", bytes.len, at);
            at += bytes.len;
        } while (ndr_passthrough_more(c, &bytes, &err) == 1);
    }
    LAW(at == n, "%zu of %zu bytes", at, n);
    ndr_passthrough_close(c);
    (void)close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n > BYTES_LIMIT)
        return -1;
    unsigned char *p = fuzz_copy(bytes, n);
    const uint32_t h = fuzz_hash(bytes, n);
    check_strip(p, n, n > 0 ? n : 1, 0);
    check_strip(p, n, 1 + h % 37, h & 64 ? NDR_STAMP_SPAMASSASSIN : 0);
    check_place(p, n);
    check_carry(p, n, 1 + h % 4096, NDR_FORMAT_AUTO);
    check_carry(p, n, 1 + h % 100, h & 64 ? NDR_FORMAT_MBOX : NDR_FORMAT_MESSAGE);
    free(p);
    return 0;
}
