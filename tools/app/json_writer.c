/* SPDX-License-Identifier: BSD-3-Clause */
/* json_writer.c - see json_writer.h. */
#include "json_writer.h"

#include "ndrscan_io.h"

#include <inttypes.h>
#include <string.h>

/* The comma and the name that go before a value. A string ends in a quote, whatever is in
 * it: the byte before is never one of a text. */
static void
lead(ndr_buffer *out, const char *name)
{
    if (out->len > 0 && strchr("{[,:\n", out->ptr[out->len - 1]) == NULL)
        ndr_buffer_byte(out, ',');
    if (name != NULL)
        ndr_buffer_printf(out, "\"%s\":", name);
}

void
json_begin(ndr_buffer *out, const char *name, char bracket)
{
    lead(out, name);
    ndr_buffer_byte(out, (unsigned char)bracket);
}

void
json_end(ndr_buffer *out, char bracket)
{
    ndr_buffer_byte(out, (unsigned char)bracket);
}

void
json_put_text(ndr_buffer *out, const char *name, ndr_slice text)
{
    lead(out, name);
    ndr_buffer_byte(out, '"');
    ndr_json_text(out, text);
    ndr_buffer_byte(out, '"');
}

void
json_put_word(ndr_buffer *out, const char *name, const char *word)
{
    if (word != NULL)
        json_put_text(out, name, ndr_slice_of(word));
    else
        json_put_null(out, name);
}

void
json_put_bool(ndr_buffer *out, const char *name, bool yes)
{
    lead(out, name);
    ndr_buffer_text(out, yes ? "true" : "false");
}

void
json_put_null(ndr_buffer *out, const char *name)
{
    lead(out, name);
    ndr_buffer_text(out, "null");
}

void
json_put_count(ndr_buffer *out, const char *name, uint64_t n)
{
    lead(out, name);
    ndr_buffer_printf(out, "%" PRIu64, n);
}

void
json_put_integer(ndr_buffer *out, const char *name, int64_t n)
{
    lead(out, name);
    ndr_buffer_printf(out, "%" PRId64, n);
}

void
json_put_decimal(ndr_buffer *out, const char *name, double value, int digits)
{
    lead(out, name);
    ndr_buffer_printf(out, "%.*f", digits, value);
}

void
json_put_whole(ndr_buffer *out, ndr_slice value)
{
    lead(out, NULL);
    ndr_buffer_add(out, value);
}

void
json_put_time(ndr_buffer *out, const char *name, int64_t at)
{
    char text[32];
    if (at == NDR_TIME_OPEN || at == NDR_TIME_UNKNOWN) {
        json_put_null(out, name);
        return;
    }
    ndr_time_format(at, text);
    json_put_word(out, name, text);
}
