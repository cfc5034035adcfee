/* SPDX-License-Identifier: BSD-3-Clause */
/* quote.c - how is text from a file shown in an error line? */
#include "quote.h"

#include <stdio.h>
#include <string.h>

/* Error lines go to terminals: what a file holds must not steer them. */
static char
harmless(unsigned char c)
{
    return c < 0x20 || c == 0x7f ? '?' : (char)c;
}

static bool
is_trail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

void
ndr_quote(ndr_slice text, char ret[NDR_QUOTE_MAX])
{
    static const char more[] = "…";
    const size_t room = NDR_QUOTE_MAX - 3 - (sizeof more - 1);
    size_t n = text.len, at = 0;
    if (n > room) {
        n = room;
        while (n > 0 && is_trail(text.ptr[n]))
            n--;
    }
    ret[at++] = '\'';
    for (size_t i = 0; i < n; i++)
        ret[at++] = harmless(text.ptr[i]);
    if (n < text.len) {
        memcpy(ret + at, more, sizeof more - 1);
        at += sizeof more - 1;
    }
    ret[at++] = '\'';
    ret[at] = '\0';
}

void
ndr_quote_path(const char *path, char *ret, size_t size)
{
    static const char more[] = "…";
    size_t n = strlen(path), at = 0;
    if (n >= size) {
        const size_t keep = size - sizeof more;
        path += n - keep;
        n = keep;
        while (n > 0 && is_trail((unsigned char)*path)) {
            path++;
            n--;
        }
        memcpy(ret, more, sizeof more - 1);
        at = sizeof more - 1;
    }
    for (size_t i = 0; i < n; i++)
        ret[at++] = harmless((unsigned char)path[i]);
    ret[at] = '\0';
}

void
ndr_kind_words(char ret[NDR_KIND_WORDS_MAX])
{
    size_t at = 0;
    ret[0] = '\0';
    for (int k = NDR_KIND_NONE + 1; k < NDR_KIND_COUNT && at < NDR_KIND_WORDS_MAX; k++)
        at += (size_t)snprintf(ret + at, NDR_KIND_WORDS_MAX - at, "%s%s",
                               at == 0 ? "" : ", ", ndr_kind_name((enum ndr_kind)k));
}
