/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_export.c - see journal_export.h.
 *
 *   NAME=value LF                                    text
 *   NAME LF  length, 8 bytes, little-endian  value LF    anything
 *   LF                                               the entry ends
 */
#include "journal_export.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIELD_MOST = 1 << 20, LENGTH_BYTES = 8 };

bool
journal_export_is(ndr_slice first)
{
    static const char *const begins[] = {"__CURSOR=", "__REALTIME_TIMESTAMP="};
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (first.len > strlen(begins[i]) &&
            memcmp(first.ptr, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static void
take_field(journal_export *j, ndr_slice name, ndr_slice value)
{
    char number[24];
    const struct {
        ndr_slice name;
        ndr_buffer *into;
        bool again; /* a better source than what it may have by now */
    } fields[] = {{NDR_SLICE("_HOSTNAME"), &j->host, true},
                  {NDR_SLICE("SYSLOG_IDENTIFIER"), &j->program, true},
                  {NDR_SLICE("_PID"), &j->pid, false},
                  {NDR_SLICE("SYSLOG_PID"), &j->pid, true},
                  {NDR_SLICE("MESSAGE"), &j->message, true}};
    if (ndr_slice_equal(name, NDR_SLICE("__REALTIME_TIMESTAMP")) &&
        value.len < sizeof number) {
        memcpy(number, value.ptr, value.len);
        number[value.len] = '\0';
        j->at_us = strtoll(number, NULL, 10);
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (ndr_slice_equal(name, fields[i].name) &&
            (fields[i].again || fields[i].into->len == 0)) {
            ndr_buffer_rewind(fields[i].into);
            ndr_buffer_add(fields[i].into, value);
        }
}

static void
put(ndr_buffer *out, const ndr_buffer *text)
{
    const size_t at = out->len;
    ndr_buffer_add(out, (ndr_slice){text->ptr, text->len});
    for (size_t i = at; i < out->len; i++)
        if (out->ptr[i] == '\n' || out->ptr[i] == '\r')
            out->ptr[i] = ' ';
}

static void
end_entry(journal_export *j, ndr_buffer *out)
{
    char at[32];
    if (j->at_us > 0 && j->program.len > 0 && j->message.len > 0) {
        ndr_time_format(j->at_us / 1000000, at);
        at[19] = '\0'; /* its Z */
        ndr_buffer_printf(out, "%s+00:00 ", at);
        if (j->host.len > 0)
            put(out, &j->host);
        else
            ndr_buffer_text(out, "localhost");
        ndr_buffer_byte(out, ' ');
        put(out, &j->program);
        if (j->pid.len > 0) {
            ndr_buffer_byte(out, '[');
            put(out, &j->pid);
            ndr_buffer_byte(out, ']');
        }
        ndr_buffer_text(out, ": ");
        put(out, &j->message);
        ndr_buffer_byte(out, '\n');
    }
    j->at_us = 0;
    ndr_buffer_rewind(&j->host);
    ndr_buffer_rewind(&j->program);
    ndr_buffer_rewind(&j->pid);
    ndr_buffer_rewind(&j->message);
}

/* How many bytes of a field whose name's line has n bytes; 0: they are not all there.
 * SIZE_MAX: too many. */
static size_t
binary_bytes(ndr_slice rest, size_t n)
{
    uint64_t length = 0;
    if (rest.len < n + 1 + LENGTH_BYTES)
        return 0;
    for (size_t i = LENGTH_BYTES; i-- > 0;)
        length = length << 8 | rest.ptr[n + 1 + i];
    if (length > FIELD_MOST)
        return SIZE_MAX;
    const size_t all = n + 1 + LENGTH_BYTES + (size_t)length + 1;
    return all <= rest.len ? all : 0;
}

/* Read one line or field; how many bytes it had, 0: it is not all there. */
static size_t
take_one(journal_export *j, ndr_slice rest, ndr_buffer *out)
{
    const unsigned char *lf = memchr(rest.ptr, '\n', rest.len);
    if (lf == NULL)
        return rest.len > FIELD_MOST ? SIZE_MAX : 0;
    const size_t n = (size_t)(lf - rest.ptr);
    const unsigned char *equals = n > 0 ? memchr(rest.ptr, '=', n) : NULL;
    if (n == 0) {
        end_entry(j, out);
        return 1;
    }
    if (equals != NULL) {
        const size_t name = (size_t)(equals - rest.ptr);
        take_field(j, (ndr_slice){rest.ptr, name}, (ndr_slice){equals + 1, n - name - 1});
        return n + 1;
    }
    const size_t all = binary_bytes(rest, n);
    if (all == 0 || all == SIZE_MAX)
        return all;
    const size_t before = n + 1 + LENGTH_BYTES;
    take_field(j, (ndr_slice){rest.ptr, n},
               (ndr_slice){rest.ptr + before, all - before - 1});
    return all;
}

int
journal_export_add(journal_export *j, ndr_slice bytes, ndr_buffer *out, ndr_error *err)
{
    size_t at = 0, n = 1;
    ndr_buffer_add(&j->held, bytes);
    while (!j->held.failed && at < j->held.len && n > 0) {
        n = take_one(j, (ndr_slice){j->held.ptr + at, j->held.len - at}, out);
        if (n == SIZE_MAX)
            return ndr_fail(err, NDR_E_DAMAGED,
                            "is no output of journalctl -o export: a field has no end");
        at += n;
    }
    if (j->held.failed || out->failed || j->host.failed || j->program.failed ||
        j->pid.failed || j->message.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a journal");
    if (at > 0) {
        memmove(j->held.ptr, j->held.ptr + at, j->held.len - at);
        j->held.len -= at;
    }
    return 0;
}

void
journal_export_free(journal_export *j)
{
    ndr_buffer *const all[] = {&j->held, &j->host, &j->program, &j->pid, &j->message};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ndr_buffer_free(all[i]);
    *j = (journal_export){0};
}
