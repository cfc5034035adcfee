/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_canon.c - see dkim_canon.h. */
#include "dkim_canon.h"

#include "ndr_hash.h"

#include <string.h>

void
ndr_dkim_sink_flush(ndr_dkim_sink *s)
{
    if (s->used > 0)
        s->put(s->to, (ndr_slice){s->hold, s->used});
    s->used = 0;
}

static void
put_byte(ndr_dkim_sink *s, unsigned char c)
{
    if (s->used == sizeof s->hold)
        ndr_dkim_sink_flush(s);
    s->hold[s->used++] = c;
}

static void
put_bytes(ndr_dkim_sink *s, ndr_slice bytes)
{
    if (bytes.len > sizeof s->hold - s->used) {
        ndr_dkim_sink_flush(s);
        if (bytes.len > sizeof s->hold) {
            s->put(s->to, bytes);
            return;
        }
    }
    if (bytes.len > 0)
        memcpy(s->hold + s->used, bytes.ptr, bytes.len);
    s->used += bytes.len;
}

static void
put_line_end(ndr_dkim_sink *s)
{
    put_bytes(s, NDR_SLICE("\r\n"));
}

/* Is there a line end at `at`: LF, or CR in front of one? */
static bool
is_line_end(ndr_slice s, size_t at)
{
    return s.ptr[at] == '\n' ||
           (s.ptr[at] == '\r' && at + 1 < s.len && s.ptr[at + 1] == '\n');
}

/* ---- header ---------------------------------------------------------------------- */

/* A field in the making: its value may come in two pieces. */
typedef struct value_state {
    bool begun, blank; /* something was put; white space waits */
} value_state;

static void
put_relaxed(ndr_dkim_sink *s, value_state *state, ndr_slice piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        const unsigned char c = piece.ptr[i];
        if (is_line_end(piece, i))
            continue;
        if (ndr_dkim_is_blank(c)) {
            state->blank = state->begun;
            continue;
        }
        if (state->blank)
            put_byte(s, ' ');
        put_byte(s, c);
        *state = (value_state){.begun = true};
    }
}

static void
put_simple(ndr_dkim_sink *s, ndr_slice piece)
{
    size_t done = 0;
    for (size_t i = 0; i < piece.len; i++) {
        if (piece.ptr[i] != '\n')
            continue;
        const size_t end = i > done && piece.ptr[i - 1] == '\r' ? i - 1 : i;
        put_bytes(s, (ndr_slice){piece.ptr + done, end - done});
        put_line_end(s);
        done = i + 1;
    }
    if (done < piece.len)
        put_bytes(s, (ndr_slice){piece.ptr + done, piece.len - done});
}

static void
put_lower(ndr_dkim_sink *s, ndr_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char c = name.ptr[i];
        put_byte(s, c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c);
    }
}

/* A field without its line end, and without the bytes of `gap`, which is in its value. */
static void
put_field(ndr_dkim_sink *s, ndr_slice raw, size_t name_len, size_t colon, ndr_slice gap,
          bool relaxed)
{
    const size_t value = relaxed ? colon + 1 : 0;
    const size_t cut = gap.ptr != NULL ? (size_t)(gap.ptr - raw.ptr) : raw.len;
    const size_t behind = cut + gap.len;
    const ndr_slice front = {raw.ptr + value, cut - value};
    const ndr_slice back = {raw.ptr + behind, raw.len - behind};
    value_state state = {0};
    if (!relaxed) {
        put_simple(s, front);
        put_simple(s, back);
        return;
    }
    put_lower(s, (ndr_slice){raw.ptr, name_len});
    put_byte(s, ':');
    put_relaxed(s, &state, front);
    put_relaxed(s, &state, back);
}

void
ndr_dkim_canon_field(ndr_dkim_sink *s, ndr_slice raw, size_t name_len, size_t colon,
                     bool relaxed)
{
    put_field(s, raw, name_len, colon, (ndr_slice){0}, relaxed);
    put_line_end(s);
}

void
ndr_dkim_canon_header(ndr_dkim_sink *s, const ndr_dkim_fields *fields, size_t own,
                      const ndr_dkim_claim *claim, unsigned char *taken,
                      ndr_dkim_taken *tell, void *arg)
{
    memset(taken, 0, fields->count);
    taken[own] = 1;
    size_t at = 0;
    for (ndr_slice name; ndr_dkim_part(claim->names, ':', &at, &name);) {
        const uint64_t hash = ndr_hash_nocase(name, 0);
        for (size_t i = fields->count; i-- > 0;) {
            const ndr_dkim_field *f = &fields->fields[i];
            if (taken[i] || !ndr_dkim_field_is(f, name, hash))
                continue;
            taken[i] = 1;
            ndr_dkim_canon_field(s, f->raw, f->name_len, f->colon, claim->relaxed_header);
            if (tell != NULL)
                tell(arg, f);
            break;
        }
    }
    const ndr_dkim_field *f = &fields->fields[own];
    put_field(s, f->raw, f->name_len, f->colon, claim->span, claim->relaxed_header);
}

/* ---- body ------------------------------------------------------------------------ */

/* Counts, and lets no more than the limit through. */
typedef struct body_state {
    ndr_dkim_sink *sink;
    uint64_t all, limit;
    uint64_t empty; /* lines that wait for one that is not */
} body_state;

static void
put_limited(body_state *b, ndr_slice bytes)
{
    const uint64_t room = b->all < b->limit ? b->limit - b->all : 0;
    b->all += bytes.len;
    if (bytes.len > room)
        bytes.len = (size_t)room;
    put_bytes(b->sink, bytes);
}

/* A line without its end. */
static void
put_body_line(body_state *b, ndr_slice line, bool relaxed)
{
    while (relaxed && line.len > 0 && ndr_dkim_is_blank(line.ptr[line.len - 1]))
        line.len--;
    if (line.len == 0) {
        b->empty++;
        return;
    }
    for (; b->empty > 0; b->empty--)
        put_limited(b, NDR_SLICE("\r\n"));
    for (size_t i = 0; relaxed && i < line.len;) {
        size_t end = i;
        while (end < line.len && !ndr_dkim_is_blank(line.ptr[end]))
            end++;
        put_limited(b, (ndr_slice){line.ptr + i, end - i});
        if (end < line.len)
            put_limited(b, NDR_SLICE(" "));
        while (end < line.len && ndr_dkim_is_blank(line.ptr[end]))
            end++;
        i = end;
    }
    if (!relaxed)
        put_limited(b, line);
    put_limited(b, NDR_SLICE("\r\n"));
}

uint64_t
ndr_dkim_canon_body(ndr_dkim_sink *s, ndr_slice body, bool relaxed, int64_t limit)
{
    body_state b = {.sink = s, .limit = (uint64_t)limit};
    for (size_t at = 0; at < body.len;) {
        const unsigned char *begin = body.ptr + at;
        const unsigned char *end = memchr(begin, '\n', body.len - at);
        ndr_slice line = {begin, end != NULL ? (size_t)(end - begin) : body.len - at};
        at += line.len + (end != NULL ? 1 : 0);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r' && end != NULL)
            line.len--;
        put_body_line(&b, line, relaxed);
    }
    if (!relaxed && b.all == 0) /* 3.4.3: an empty body is one line end */
        put_limited(&b, NDR_SLICE("\r\n"));
    return b.all;
}
