/* SPDX-License-Identifier: BSD-3-Clause */
/* buffer.c - how do bytes grow without every caller checking for memory? */
#include "ndrscan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

bool
ndr_buffer_reserve(ndr_buffer *b, size_t more)
{
    if (b->failed)
        return false;
    if (more <= b->cap - b->len)
        return true;
    size_t cap = b->cap < FIRST_CAP ? FIRST_CAP : b->cap;
    while (cap - b->len < more) {
        if (cap > SIZE_MAX / 2) {
            b->failed = true;
            return false;
        }
        cap *= 2;
    }
    unsigned char *ptr = realloc(b->ptr, cap);
    if (ptr == NULL) {
        b->failed = true;
        return false;
    }
    b->ptr = ptr;
    b->cap = cap;
    return true;
}

void
ndr_buffer_add(ndr_buffer *b, ndr_slice bytes)
{
    if (bytes.len == 0 || !ndr_buffer_reserve(b, bytes.len))
        return;
    memcpy(b->ptr + b->len, bytes.ptr, bytes.len);
    b->len += bytes.len;
}

void
ndr_buffer_byte(ndr_buffer *b, unsigned char byte)
{
    if (ndr_buffer_reserve(b, 1))
        b->ptr[b->len++] = byte;
}

void
ndr_buffer_text(ndr_buffer *b, const char *text)
{
    ndr_buffer_add(b, ndr_slice_of(text));
}

void
ndr_buffer_printf(ndr_buffer *b, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    const int need = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (need < 0 || !ndr_buffer_reserve(b, (size_t)need + 1))
        return;
    va_start(ap, format);
    (void)vsnprintf((char *)b->ptr + b->len, (size_t)need + 1, format, ap);
    va_end(ap);
    b->len += (size_t)need;
}

void
ndr_buffer_clear(ndr_buffer *b)
{
    b->len = 0;
    b->failed = false;
}

void
ndr_buffer_free(ndr_buffer *b)
{
    free(b->ptr);
    *b = (ndr_buffer){0};
}
