/* SPDX-License-Identifier: BSD-3-Clause */
/* piece_text.c - see piece_text.h. */
#define _GNU_SOURCE /* memrchr */
#include "piece_text.h"

#include "ndr_piece_file.h"

#include <string.h>

static const char index_key[] = "\"index\":", offset_key[] = ",\"offset\":";
static const char piece_index[] = "\"piece_index\":",
                  piece_offset[] = ",\"piece_offset\":";
#define LEN(literal) (sizeof(literal) - 1)
#define OWN_COLUMNS  "source\tindex\toffset\t" /* of tsv; the rest is as it came */

static void
add(ndr_buffer *out, const void *bytes, size_t n)
{
    if (n > 0)
        ndr_buffer_add(out, (ndr_slice){bytes, n});
}

static void
add_number(ndr_buffer *out, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    add(out, digits + at, sizeof digits - at);
}

static bool
begins(ndr_slice bytes, const char *with, size_t n)
{
    return bytes.len >= n && memcmp(bytes.ptr, with, n) == 0;
}

/* ---- writing ------------------------------------------------------------------------
 */

/* One record's place, where its numbers are the piece's own; the rest of the bytes up to
 * `at`, its mark, were added. Returns where the rest goes on. */
static size_t
put_own(const piece_text *t, const ndr_batch *b, size_t from, size_t at, uint64_t index,
        ndr_buffer *out)
{
    const bool json = t->output == NDR_OUTPUT_JSONL && at - from >= LEN(index_key);
    add(out, b->out.ptr + from, at - from - (json ? LEN(index_key) : 0));
    if (json)
        add(out, piece_index, LEN(piece_index));
    add_number(out, index);
    const ndr_slice rest = {b->out.ptr + at, b->out.len - at};
    if (!json || !t->offset || !begins(rest, offset_key, LEN(offset_key)))
        return at;
    add(out, piece_offset, LEN(piece_offset));
    return at + LEN(offset_key);
}

static void
put_lines(const piece_text *t, const ndr_batch *b, uint64_t base, ndr_buffer *out)
{
    size_t from = 0;
    for (size_t i = 0; i < b->mark_count; i++) {
        const size_t at = b->mark[i].at;
        const uint64_t index = base + b->mark[i].index;
        if (t->index) {
            from = put_own(t, b, from, at, index, out);
        } else {
            add(out, b->out.ptr + from, at - from);
            add_number(out, index);
            from = at;
        }
    }
    add(out, b->out.ptr + from, b->out.len - from);
}

static unsigned char
path_end(const piece_text *t)
{
    return t->output == NDR_OUTPUT_PATHS0 ? '\0' : '\n';
}

static bool
has_paths(const piece_text *t)
{
    return t->output == NDR_OUTPUT_PATHS || t->output == NDR_OUTPUT_PATHS0;
}

/* Whole paths, but for a first one that was written last; the last one is kept. */
static void
put_paths(const piece_text *t, ndr_slice paths, bool look, ndr_buffer *last,
          ndr_buffer *out)
{
    if (look && last->len > 0 && begins(paths, (const char *)last->ptr, last->len)) {
        paths.ptr += last->len;
        paths.len -= last->len;
    }
    if (paths.len == 0)
        return;
    const unsigned char *end = memrchr(paths.ptr, path_end(t), paths.len - 1);
    const size_t from = end != NULL ? (size_t)(end - paths.ptr) + 1 : 0;
    ndr_buffer_clear(last);
    add(last, paths.ptr + from, paths.len - from);
    out->failed = out->failed || last->failed;
    add(out, paths.ptr, paths.len);
}

void
piece_text_put(const piece_text *t, const ndr_batch *b, uint64_t base, ndr_buffer *last,
               ndr_buffer *out)
{
    if (has_paths(t))
        put_paths(t, (ndr_slice){b->out.ptr, b->out.len}, true, last, out);
    else if (t->output != NDR_OUTPUT_SUMMARY)
        put_lines(t, b, base, out);
    out->failed = out->failed || b->out.failed;
}

void
piece_text_begin(const piece_text *t, ndr_buffer *out)
{
    const char *columns = ndr_output_begin(t->output);
    if (columns[0] == '\0')
        return;
    ndr_buffer_text(out, t->index ? "source\tpiece_index\t" : "source\tindex\t");
    ndr_buffer_text(out, t->offset ? "piece_offset\t" : "offset\t");
    ndr_buffer_text(out, columns + LEN(OWN_COLUMNS));
}

/* ---- joining ------------------------------------------------------------------------
 */

bool
piece_text_is_same(const piece_text *t)
{
    return t->output == NDR_OUTPUT_JSONL && !t->index;
}

void
piece_text_next(piece_text *t)
{
    t->first = true;
    ndr_buffer_clear(&t->kept);
    ndr_buffer_clear(&t->before);
}

static int
damaged(ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED, "a record is not one of a piece");
}

/* The digits at p[*at], added to `base`; false: there are none. */
static bool
take_number(ndr_slice line, size_t *at, uint64_t base, uint64_t *ret)
{
    const size_t begin = *at;
    uint64_t n = 0;
    while (*at < line.len && line.ptr[*at] >= '0' && line.ptr[*at] <= '9')
        n = n * 10 + (line.ptr[(*at)++] - '0');
    *ret = base + n;
    return *at > begin;
}

/* Behind the string that ends at the first quotation mark from `at` that is one. */
static size_t
behind_string(ndr_slice line, size_t at)
{
    for (; at < line.len && line.ptr[at] != '"'; at++)
        at += line.ptr[at] == '\\';
    return at + 1;
}

/* Where piece_index stands; line.len: nowhere. All records of such a piece have one
 * source, so they begin alike. */
static size_t
find_index(piece_text *t, ndr_slice line)
{
    static const char source[] = "{\"source\":\"", base64[] = ",\"source_b64\":\"";
    if (t->before.len > 0 && begins(line, (const char *)t->before.ptr, t->before.len))
        return t->before.len;
    if (!begins(line, source, LEN(source)))
        return line.len;
    size_t at = behind_string(line, LEN(source));
    if (at < line.len &&
        begins((ndr_slice){line.ptr + at, line.len - at}, base64, LEN(base64)))
        at = behind_string(line, at + LEN(base64));
    if (at >= line.len || line.ptr[at] != ',')
        return line.len;
    at++;
    ndr_buffer_clear(&t->before);
    add(&t->before, line.ptr, at);
    return at;
}

static int
join_record(piece_text *t, ndr_slice line, ndr_buffer *out, ndr_error *err)
{
    uint64_t index, offset;
    size_t at = find_index(t, line);
    if (!begins((ndr_slice){line.ptr + at, line.len - at}, piece_index, LEN(piece_index)))
        return damaged(err);
    add(out, line.ptr, at);
    at += LEN(piece_index);
    if (!take_number(line, &at, t->index_base, &index))
        return damaged(err);
    add(out, index_key, LEN(index_key));
    add_number(out, index);
    if (t->offset) {
        if (!begins((ndr_slice){line.ptr + at, line.len - at}, piece_offset,
                    LEN(piece_offset)))
            return damaged(err);
        at += LEN(piece_offset);
        if (!take_number(line, &at, t->offset_base, &offset))
            return damaged(err);
        add(out, offset_key, LEN(offset_key));
        add_number(out, offset);
    }
    add(out, line.ptr + at, line.len - at);
    return 0;
}

/* The first line is a header, which is written once. */
static int
join_row(piece_text *t, ndr_slice line, ndr_buffer *out, ndr_error *err)
{
    const char *tab = memchr(line.ptr, '\t', line.len);
    if (t->first) {
        t->first = false;
        if (!t->begun)
            ndr_buffer_text(out, ndr_output_begin(t->output));
        t->begun = true;
        return 0;
    }
    if (tab == NULL)
        return damaged(err);
    uint64_t index, offset;
    size_t at = (size_t)(tab - (const char *)line.ptr) + 1;
    add(out, line.ptr, at);
    if (!take_number(line, &at, t->index ? t->index_base : 0, &index) ||
        line.ptr[at] != '\t')
        return damaged(err);
    at++;
    if (!take_number(line, &at, t->offset ? t->offset_base : 0, &offset))
        return damaged(err);
    add_number(out, index);
    add(out, "\t", 1);
    add_number(out, offset);
    add(out, line.ptr + at, line.len - at);
    return 0;
}

/* One line with its end. */
static int
join_line(piece_text *t, ndr_slice line, ndr_buffer *out, ndr_error *err)
{
    if (!has_paths(t))
        return t->output == NDR_OUTPUT_TSV ? join_row(t, line, out, err)
               : t->index                  ? join_record(t, line, out, err)
                                           : (add(out, line.ptr, line.len), 0);
    put_paths(t, line, t->first, &t->last, out);
    t->first = false;
    return 0;
}

int
piece_text_join(piece_text *t, ndr_slice bytes, ndr_buffer *out, ndr_error *err)
{
    int code = 0;
    while (code == 0 && bytes.len > 0) {
        const unsigned char *end =
            memchr(bytes.ptr, has_paths(t) ? path_end(t) : '\n', bytes.len);
        if (end == NULL) {
            ndr_buffer_add(&t->kept, bytes);
            break;
        }
        ndr_slice line = {bytes.ptr, (size_t)(end - bytes.ptr) + 1};
        bytes.ptr += line.len;
        bytes.len -= line.len;
        if (t->kept.len > 0) {
            ndr_buffer_add(&t->kept, line);
            line = (ndr_slice){t->kept.ptr, t->kept.len};
        }
        code = join_line(t, line, out, err);
        ndr_buffer_clear(&t->kept);
    }
    if (code == 0 &&
        (t->kept.failed || t->before.failed || t->last.failed || out->failed))
        code = ndr_fail(err, NDR_E_NOMEM, "no memory to join records");
    return code;
}

int
piece_text_end(piece_text *t, ndr_error *err)
{
    return t->kept.len == 0 ? 0 : damaged(err);
}

void
piece_text_free(piece_text *t)
{
    ndr_buffer_free(&t->kept);
    ndr_buffer_free(&t->before);
    ndr_buffer_free(&t->last);
}
