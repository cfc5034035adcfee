/* SPDX-License-Identifier: BSD-3-Clause */
/* header.c - see header.h. */
#include "header.h"

#include "base/utf8.h"
#include "ndr_vector.h"
#include "transfer.h"

#include <string.h>

/* The offset behind the line at `at`: past its LF, or the end. */
static size_t
line_end(ndr_slice raw, size_t at)
{
    const unsigned char *lf = memchr(raw.ptr + at, '\n', raw.len - at);
    return lf == NULL ? raw.len : (size_t)(lf - raw.ptr) + 1;
}

/* The length of the field name at p, 0 when the line is no field. */
static size_t
name_length(const unsigned char *p, size_t n)
{
    const size_t i = ndr_name_bytes(p, n);
    size_t colon = i;
    while (colon < n && (p[colon] == ' ' || p[colon] == '\t'))
        colon++;
    return i > 0 && colon < n && p[colon] == ':' ? i : 0;
}

static bool
is_from_line(const unsigned char *p, size_t n)
{
    return (n >= 5 && memcmp(p, "From ", 5) == 0) ||
           (n >= 6 && memcmp(p, ">From ", 6) == 0);
}

/* Is the line at p empty? Then *ret_bytes is its length. */
static bool
is_empty(const unsigned char *p, size_t n, size_t *ret_bytes)
{
    *ret_bytes = *p == '\n' || n == 1 ? 1 : 2;
    return *p == '\n' || (*p == '\r' && (n == 1 || p[1] == '\n'));
}

/* ---- where fields go on ---- */

/* No real header has more lines in a row that are none of its fields; and no prose that
 * begins without an empty line says so soon what only a header says. */
enum { STRAY_LINES = 4 };

/* Is it a name that headers have, and prose has not? */
static bool
is_telling(ndr_slice name)
{
    static const char *const fronts[] = {"x-",    "content-",        "list-", "resent-",
                                         "dkim-", "authentication-", "arc-",  "received"};
    static const char *const names[] = {
        "from",        "to",          "cc",           "subject",        "date",
        "message-id",  "return-path", "mime-version", "sender",         "reply-to",
        "references",  "in-reply-to", "delivered-to", "auto-submitted", "precedence",
        "envelope-to", "user-agent",  "thread-topic", "thread-index",   "importance"};
    for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
        const ndr_slice front = ndr_slice_of(fronts[i]);
        if (name.len >= front.len &&
            ndr_slice_equal_nocase((ndr_slice){name.ptr, front.len}, front))
            return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (ndr_slice_equal_nocase(name, ndr_slice_of(names[i])))
            return true;
    return false;
}

/* Where fields go on behind the stray line at `at`; `at` when they do not. */
static size_t
behind_stray(ndr_slice raw, size_t at)
{
    size_t next = at;
    for (int i = 0; i < STRAY_LINES; i++) {
        const unsigned char *p = raw.ptr + next;
        if (raw.len - next >= 2 && p[0] == '-' && p[1] == '-')
            break; /* a delimiter: parts begin */
        next = line_end(raw, next);
        if (next == raw.len)
            break;
        p = raw.ptr + next;
        size_t bytes;
        if (is_empty(p, raw.len - next, &bytes))
            break;
        const size_t name = name_length(p, raw.len - next);
        if (name > 0 && is_telling((ndr_slice){p, name}))
            return next;
    }
    return at;
}

bool
ndr_header_is_sure(ndr_slice raw, size_t at)
{
    for (int i = 0; i <= STRAY_LINES; i++) {
        size_t bytes;
        if (at == raw.len || memchr(raw.ptr + at, '\n', raw.len - at) == NULL)
            return false;
        if (is_empty(raw.ptr + at, raw.len - at, &bytes))
            return true;
        at = line_end(raw, at);
    }
    return true;
}

size_t
ndr_header_begin(ndr_slice raw)
{
    size_t at = raw.len >= 3 && memcmp(raw.ptr, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    const size_t first = at;
    size_t line = at;
    while (at < raw.len && (raw.ptr[at] == ' ' || raw.ptr[at] == '\t' ||
                            raw.ptr[at] == '\r' || raw.ptr[at] == '\n'))
        if (raw.ptr[at++] == '\n')
            line = at;
    if (line == first || line == raw.len)
        return 0;
    const unsigned char *p = raw.ptr + line;
    const size_t name = name_length(p, raw.len - line);
    return name > 0 && is_telling((ndr_slice){p, name}) ? line : 0;
}

/* Is the line at p a parameter that was not folded: "boundary=..." and no field? */
static bool
is_parameter(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && i < 32 && p[i] > ' ' && p[i] < 0x7f && p[i] != '=' && p[i] != ':' &&
           p[i] != '-')
        i++;
    if (i > 0 && i < n && p[i] == '-') /* "report-type" */
        while (i < n && i < 32 && p[i] > ' ' && p[i] < 0x7f && p[i] != '=' && p[i] != ':')
            i++;
    return i > 0 && i < n && p[0] != '-' && p[i] == '=' && name_length(p, n) == 0;
}

/* The end of the field whose value ends at `end` so far: a list of parameters goes on in
 * the next line even if that was not folded. */
static __attribute__((noinline)) size_t
with_parameters(ndr_slice raw, size_t value, size_t end)
{
    for (;;) {
        size_t last = end;
        while (last > value && raw.ptr[last - 1] <= ' ')
            last--;
        if (last == value || raw.ptr[last - 1] != ';' || end >= raw.len ||
            !is_parameter(raw.ptr + end, raw.len - end))
            return end;
        end += ndr_field_end(raw.ptr + end, raw.len - end);
    }
}

/* ---- fields ---- */

/* The line from *at on that is a field's first, of which *ret_name bytes are its name;
 * false when there is none, *at then being where the body begins. `strict`: the first
 * line that is no field ends them. */
static __attribute__((noinline)) bool
find_name(ndr_slice raw, size_t *at, bool strict, size_t *ret_name)
{
    size_t bytes = 0;
    if (*at == 0 && raw.len >= 3 && memcmp(raw.ptr, "\xef\xbb\xbf", 3) == 0)
        *at = 3; /* a byte order mark */
    while (*at < raw.len) {
        const unsigned char *p = raw.ptr + *at;
        const size_t n = raw.len - *at;
        if (is_empty(p, n, &bytes)) {
            *at += bytes;
            return false;
        }
        *ret_name = name_length(p, n);
        if (*ret_name > 0)
            return true;
        size_t next = line_end(raw, *at);
        if (!is_from_line(p, n))
            next = strict ? *at : behind_stray(raw, *at);
        if (next == *at)
            return false;
        *at = next;
    }
    *at = raw.len;
    return false;
}

/* The field at *at. Each header is walked, most mail twice: a field as all are, its name
 * up to the colon, is told without a further look. */
static inline __attribute__((always_inline)) int
next_field(ndr_slice raw, size_t *at, bool strict, ndr_field *f)
{
    size_t begin = *at;
    size_t name = begin < raw.len ? ndr_name_bytes(raw.ptr + begin, raw.len - begin) : 0;
    size_t value = begin + name;
    if (name == 0 || value == raw.len || raw.ptr[value] != ':' ||
        (begin == 0 && raw.ptr[0] == 0xef)) {
        if (!find_name(raw, at, strict, &name))
            return 0;
        begin = *at;
        value = begin + name;
        while (raw.ptr[value] != ':')
            value++;
    }
    value++;
    size_t end = value + ndr_field_end(raw.ptr + value, raw.len - value);
    *at = end;
    while (end > value && (raw.ptr[end - 1] == '\n' || raw.ptr[end - 1] == '\r'))
        end--;
    if (!strict && end > value && (raw.ptr[end - 1] <= ' ' || raw.ptr[end - 1] == ';')) {
        *at = end = with_parameters(raw, value, *at);
        while (end > value && (raw.ptr[end - 1] == '\n' || raw.ptr[end - 1] == '\r'))
            end--;
    }
    f->name = (ndr_slice){raw.ptr + begin, name};
    f->value = (ndr_slice){raw.ptr + value, end - value};
    return 1;
}

int
ndr_header_next(ndr_slice raw, size_t *at, ndr_field *f)
{
    return next_field(raw, at, false, f);
}

int
ndr_fields_next(ndr_slice raw, size_t *at, ndr_field *f)
{
    return next_field(raw, at, true, f);
}

/* ---- encoded words (RFC 2047) ---- */

/* No real word is longer, no charset's name either. */
enum { WORD_BYTES = 2048, CHARSET_BYTES = 60 };

typedef struct word {
    ndr_slice charset, text;
    bool base64;
    size_t length; /* all of it, "=?" to "?=" */
} word;

/* A value that is searched for words, forwards. */
typedef struct words {
    ndr_slice value;
    size_t close; /* the first "?=" at or behind what was asked for last */
} words;

/* Where the first "?=" at or behind `at` stands, value.len: nowhere. The answer
 * is kept, or unclosed words would be searched again and again. */
static size_t
find_close(words *in, size_t at)
{
    if (in->close < at)
        in->close = at + ndr_find(in->value.ptr + at, in->value.len - at, "?=", 2);
    return in->close;
}

/* The word at `at`, when one is there. */
static bool
take_word(words *in, size_t at, word *w)
{
    const unsigned char *p = in->value.ptr + at;
    const size_t n = in->value.len - at;
    if (n < 8 || p[0] != '=' || p[1] != '?')
        return false;
    const unsigned char *charset = p + 2;
    const unsigned char *q =
        memchr(charset, '?', n - 2 < CHARSET_BYTES ? n - 2 : CHARSET_BYTES);
    if (q == NULL || q == charset || p + n - q < 4 || q[2] != '?')
        return false;
    const unsigned char how = q[1] | 0x20;
    if (how != 'b' && how != 'q')
        return false;
    const size_t text = at + (size_t)(q + 3 - p);
    const size_t end = find_close(in, text);
    if (end >= in->value.len || end + 2 - at > WORD_BYTES)
        return false;
    const unsigned char *star = memchr(charset, '*', (size_t)(q - charset));
    w->charset = (ndr_slice){charset, (size_t)((star != NULL ? star : q) - charset)};
    w->text = (ndr_slice){in->value.ptr + text, end - text};
    w->base64 = how == 'b';
    w->length = end + 2 - at;
    return true;
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Append bytes that no word declares. */
static void
add_plain(ndr_slice s, ndr_buffer *out)
{
    if (ndr_is_utf8(s))
        ndr_buffer_add(out, s);
    else
        ndr_utf8_add_cp1252(out, s);
}

/* Append `value` with its words decoded; adjacent words of one charset are
 * joined before conversion, because many writers cut characters in two. */
static void
add_decoded(ndr_charsets *c, ndr_slice value, ndr_buffer *work, ndr_buffer *out)
{
    words in = {.value = value};
    size_t i = 0;
    while (i < value.len) {
        size_t mark = i;
        word w;
        for (;; mark++) {
            const unsigned char *eq = memchr(value.ptr + mark, '=', value.len - mark);
            if (eq == NULL) {
                mark = value.len;
                break;
            }
            mark = (size_t)(eq - value.ptr);
            if (take_word(&in, mark, &w))
                break;
        }
        add_plain((ndr_slice){value.ptr + i, mark - i}, out);
        i = mark;
        while (i < value.len && take_word(&in, i, &w)) {
            const ndr_slice charset = w.charset;
            ndr_buffer_rewind(work);
            do {
                if (w.base64)
                    ndr_base64_decode(w.text, work);
                else
                    ndr_qp_decode(w.text, true, work);
                i += w.length;
                size_t next = i;
                while (next < value.len && is_blank(value.ptr[next]))
                    next++;
                if (next < value.len && take_word(&in, next, &w))
                    i = next; /* the blanks between two words are not text */
                else
                    break;
            } while (ndr_slice_equal_nocase(w.charset, charset));
            ndr_charset_add(c, charset, (ndr_slice){work->ptr, work->len}, out);
        }
    }
}

/* Squeeze out->ptr[begin..] in place: runs of blanks and controls to one space. */
static void
squeeze(ndr_buffer *out, size_t begin)
{
    size_t to = begin;
    bool gap = false;
    for (size_t i = begin; i < out->len; i++) {
        const size_t blank = ndr_blank_length(out->ptr + i, out->len - i);
        if (blank > 0) {
            gap = to > begin;
            i += blank - 1;
            continue;
        }
        const unsigned char c = out->ptr[i];
        if (gap)
            out->ptr[to++] = ' ';
        gap = false;
        out->ptr[to++] = c;
    }
    out->len = to;
}

/* What is read of a value: its first bytes, without half a character behind. */
static ndr_slice
read_part(ndr_slice value)
{
    return value.len > NDR_HEADER_VALUE_BYTES
               ? ndr_utf8_cut(value, NDR_HEADER_VALUE_BYTES)
               : value;
}

/* Append a value of ASCII alone, run by run, each run of blanks and controls one space;
 * false, with nothing appended, when a byte of it is beyond. */
static bool
add_ascii(ndr_slice value, ndr_buffer *out)
{
    if (value.len == 0 || !ndr_buffer_reserve(out, value.len))
        return true; /* in the one case `out` has failed and says so */
    unsigned char *const begin = out->ptr + out->len, *to = begin;
    const unsigned char *p = value.ptr, *const end = value.ptr + value.len;
    while (p < end) {
        if (*p <= ' ' || *p == 0x7f) {
            p++;
            continue;
        }
        const size_t run = ndr_plain_length((ndr_slice){p, (size_t)(end - p)});
        if (run == 0)
            return false;
        if (to > begin)
            *to++ = ' ';
        memcpy(to, p, run);
        to += run - (p[run - 1] == ' ');
        p += run;
    }
    out->len += (size_t)(to - begin);
    return true;
}

/* Could there be an encoded word? */
static bool
may_have_word(ndr_slice value)
{
    for (size_t i = 0; i + 8 <= value.len;) {
        const unsigned char *eq = memchr(value.ptr + i, '=', value.len - i - 7);
        if (eq == NULL)
            return false;
        if (eq[1] == '?')
            return true;
        i = (size_t)(eq - value.ptr) + 1;
    }
    return false;
}

void
ndr_header_value(ndr_charsets *c, ndr_slice value, ndr_buffer *work, ndr_buffer *out)
{
    value = read_part(value);
    const bool has_words = may_have_word(value);
    if (!has_words && add_ascii(value, out))
        return;
    const size_t begin = out->len;
    if (has_words)
        add_decoded(c, value, work, out);
    else
        add_plain(value, out);
    if (!out->failed)
        squeeze(out, begin);
}

void
ndr_header_plain(ndr_slice value, ndr_buffer *out)
{
    value = read_part(value);
    if (add_ascii(value, out))
        return;
    const size_t begin = out->len;
    add_plain(value, out);
    if (!out->failed)
        squeeze(out, begin);
}
