/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * frame_mboxcl2.c - where does a message end when Content-Length counts?
 *
 * Nothing is quoted in such mailboxes, so a From_ line in a body would split
 * it. The count is believed only when it leads to a From_ line or the end;
 * many programs kept an old count when they changed the message.
 */
#include "frame.h"

#include <string.h>

static bool
is_length_field(const unsigned char *p, size_t n)
{
    static const char name[] = "content-length:";
    return n >= sizeof name - 1 &&
           ndr_slice_equal_nocase((ndr_slice){p, sizeof name - 1}, ndr_slice_of(name));
}

/* The number behind the field's name; false when it is none. */
static bool
length_of(const unsigned char *p, size_t n, uint64_t *ret)
{
    size_t i = 0;
    while (i < n && (p[i] == ' ' || p[i] == '\t'))
        i++;
    const size_t begin = i;
    uint64_t v = 0;
    while (i < n && p[i] >= '0' && p[i] <= '9' && i - begin < 18)
        v = v * 10 + (uint64_t)(p[i++] - '0');
    *ret = v;
    return i > begin;
}

bool
ndr_mboxcl2_length(const unsigned char *p, size_t n, size_t raw, uint64_t *ret_end,
                   bool *ret_whole)
{
    uint64_t length = 0;
    bool found = false;
    *ret_whole = false;
    for (size_t at = raw; at < n;) {
        const unsigned char *lf = memchr(p + at, '\n', n - at);
        if (lf == NULL)
            return false;
        const size_t end = (size_t)(lf - p);
        if (end == at || (end == at + 1 && p[at] == '\r')) {
            *ret_whole = true;
            *ret_end = (uint64_t)(end + 1) + length;
            return found;
        }
        if (is_length_field(p + at, end - at))
            found = length_of(p + at + 15, end - at - 15, &length);
        at = end + 1;
    }
    return false;
}

bool
ndr_mboxcl2_fits(const unsigned char *p, size_t n, size_t end, bool last,
                 size_t *ret_next)
{
    int64_t ignored;
    for (int lines = 0; lines < 2; lines++) {
        if (end > n)
            return false;
        if ((end == n && last) || (end < n && ndr_mbox_mark(p, n, end, last, &ignored))) {
            *ret_next = end;
            return true;
        }
        if (end < n && p[end] == '\r')
            end++;
        if (end >= n || p[end] != '\n')
            return false;
        end++;
    }
    return false;
}
