/* SPDX-License-Identifier: BSD-3-Clause */
/* fold.c - see fold.h. Source: Unicode's simple lower-case mappings. */
#include "fold.h"

#include "base/utf8.h"
#include "fold_ranges.h"

#include <string.h>

static uint32_t
lower(uint32_t c)
{
    if (c >= 0x2000)
        return c;
    for (size_t i = first_row[c >> 8]; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c < ranges[i].from)
            return c;
        if (c > ranges[i].to)
            continue;
        if (ranges[i].step == 1)
            return (uint32_t)((int32_t)c + ranges[i].shift);
        return (c & 1) == (ranges[i].step == 3) ? c + 1 : c;
    }
    return c;
}

/* Fold the sequence of `k` bytes at p. */
static void
fold_one(unsigned char *p, size_t k)
{
    if (k == 2) {
        const uint32_t c = lower(((uint32_t)(p[0] & 0x1f) << 6) | (p[1] & 0x3f));
        p[0] = (unsigned char)(0xc0 | (c >> 6));
        p[1] = (unsigned char)(0x80 | (c & 0x3f));
    } else if (k == 3 && p[0] == 0xe1) {
        const uint32_t c = lower(0x1000 | ((uint32_t)(p[1] & 0x3f) << 6) | (p[2] & 0x3f));
        p[1] = (unsigned char)(0x80 | ((c >> 6) & 0x3f));
        p[2] = (unsigned char)(0x80 | (c & 0x3f));
    }
}

void
ndr_fold(unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        const unsigned char c = p[i];
        if (c < 0x80) {
            i += ndr_ascii_length((ndr_slice){p + i, n - i});
            continue;
        }
        const size_t k = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        if (k > n - i)
            return;
        fold_one(p + i, k);
        i += k;
    }
}

int
ndr_fold_pattern(const char *match, ndr_buffer *out, ndr_error *err)
{
    const ndr_slice m = ndr_slice_of(match);
    if (!ndr_is_utf8(m))
        return ndr_fail(err, NDR_E_SYNTAX, "the pattern is not UTF-8");
    bool in_class = false;
    for (size_t i = 0; i < m.len;) {
        const unsigned char c = m.ptr[i];
        const size_t k = ndr_utf8_length(m.ptr + i, m.len - i);
        if (k == 1) {
            const size_t whole =
                c == '\\' && i + 1 < m.len && m.ptr[i + 1] < 0x80 ? 2 : 1;
            if (whole == 1 && c == '[' && !in_class) {
                in_class = true;
                /* a bracket that stands first is no end: "[]x]", "[^]x]" */
                size_t first = i + 1 + (i + 1 < m.len && m.ptr[i + 1] == '^');
                first += first < m.len && m.ptr[first] == ']';
                ndr_buffer_add(out, (ndr_slice){m.ptr + i, first - i});
                i = first;
                continue;
            }
            if (whole == 1 && c == ']')
                in_class = false;
            ndr_buffer_add(out, (ndr_slice){m.ptr + i, whole});
            i += whole;
            continue;
        }
        if (in_class)
            return ndr_fail(
                err, NDR_E_SYNTAX,
                "a character class takes ASCII only; write (\xc3\xa4|\xc3\xb6), not "
                "[\xc3\xa4\xc3\xb6]");
        unsigned char folded[4];
        memcpy(folded, m.ptr + i, k);
        fold_one(folded, k);
        i += k;
        const bool quantified = i < m.len && strchr("?*+{", m.ptr[i]) != NULL;
        if (quantified)
            ndr_buffer_text(out, "(?:");
        ndr_buffer_add(out, (ndr_slice){folded, k});
        if (quantified)
            ndr_buffer_byte(out, ')');
    }
    ndr_buffer_byte(out, '\0');
    return out->failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a pattern") : 0;
}
