/* SPDX-License-Identifier: BSD-3-Clause */
/* fold.c - see fold.h. Source: Unicode's simple lower-case mappings. */
#include "fold.h"

#include "base/utf8.h"

#include <string.h>

/* Letters from..to: `step` 1 adds `shift`; `step` 2 pairs even capitals with
 * the next letter, `step` 3 odd ones. */
static const struct {
    uint16_t from, to;
    uint8_t step;
    int16_t shift;
} ranges[] = {
    {0x00c0, 0x00d6, 1, 0x20},  {0x00d8, 0x00de, 1, 0x20}, {0x0100, 0x012f, 2, 0},
    {0x0132, 0x0137, 2, 0},     {0x0139, 0x0148, 3, 0},    {0x014a, 0x0177, 2, 0},
    {0x0178, 0x0178, 1, -0x79}, {0x0179, 0x017e, 3, 0},    {0x01cd, 0x01dc, 3, 0},
    {0x01de, 0x01ef, 2, 0},     {0x01f8, 0x021f, 2, 0},    {0x0222, 0x0233, 2, 0},
    {0x0386, 0x0386, 1, 0x26},  {0x0388, 0x038a, 1, 0x25}, {0x038c, 0x038c, 1, 0x40},
    {0x038e, 0x038f, 1, 0x3f},  {0x0391, 0x03a1, 1, 0x20}, {0x03a3, 0x03ab, 1, 0x20},
    {0x0400, 0x040f, 1, 0x50},  {0x0410, 0x042f, 1, 0x20}, {0x0460, 0x0481, 2, 0},
    {0x048a, 0x04bf, 2, 0},     {0x04c1, 0x04ce, 3, 0},    {0x04d0, 0x052f, 2, 0},
    {0x0531, 0x0556, 1, 0x30},  {0x1e00, 0x1e95, 2, 0},    {0x1ea0, 0x1eff, 2, 0},
};

/* The first row that may hold a letter, by its upper byte. */
static const uint8_t first_row[0x1f] = {
    [0x01] = 2,  [0x02] = 10, [0x03] = 12, [0x04] = 18, [0x05] = 23, [0x06] = 25,
    [0x07] = 25, [0x08] = 25, [0x09] = 25, [0x0a] = 25, [0x0b] = 25, [0x0c] = 25,
    [0x0d] = 25, [0x0e] = 25, [0x0f] = 25, [0x10] = 25, [0x11] = 25, [0x12] = 25,
    [0x13] = 25, [0x14] = 25, [0x15] = 25, [0x16] = 25, [0x17] = 25, [0x18] = 25,
    [0x19] = 25, [0x1a] = 25, [0x1b] = 25, [0x1c] = 25, [0x1d] = 25, [0x1e] = 25,
};

static uint32_t
lower(uint32_t c)
{
    if (c >= 0x1f00)
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
