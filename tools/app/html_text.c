/* SPDX-License-Identifier: BSD-3-Clause */
/* html_text.c - how do words get into a page without becoming part of it? */
#include "html_text.h"

#include "text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

void
html_text(ndr_buffer *out, ndr_slice text)
{
    ndr_buffer safe = {0};
    text_safe(&safe, text);
    for (size_t i = 0; i < safe.len && !safe.failed; i++)
        switch (safe.ptr[i]) {
        case '&':
            ndr_buffer_text(out, "&amp;");
            break;
        case '<':
            ndr_buffer_text(out, "&lt;");
            break;
        case '>':
            ndr_buffer_text(out, "&gt;");
            break;
        case '"':
            ndr_buffer_text(out, "&quot;");
            break;
        case '\'':
            ndr_buffer_text(out, "&#39;");
            break;
        default:
            ndr_buffer_byte(out, safe.ptr[i]);
        }
    out->failed |= safe.failed;
    ndr_buffer_free(&safe);
}

void
html_printf(ndr_buffer *out, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    for (const char *at = format; *at != '\0';) {
        const size_t plain = strcspn(at, "%");
        ndr_buffer_add(out, (ndr_slice){(const unsigned char *)at, plain});
        at += plain;
        if (*at == '\0')
            break;
        switch (at[1]) {
        case 's':
            html_text(out, ndr_slice_of(va_arg(ap, const char *)));
            break;
        case 'r':
            ndr_buffer_text(out, va_arg(ap, const char *));
            break;
        case 'd':
            ndr_buffer_printf(out, "%" PRId64, va_arg(ap, int64_t));
            break;
        default:
            assert(at[1] == '%');
            ndr_buffer_byte(out, '%');
        }
        at += 2;
    }
    va_end(ap);
}
