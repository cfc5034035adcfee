/* SPDX-License-Identifier: BSD-3-Clause */
/* window_text.c - how does the text of a windows file change, and the rest of it stay? */
#include "window_text.h"

#include <string.h>

/* Where line `number`, from 1, begins; text.len behind the last. */
static size_t
line_at(ndr_slice text, size_t number)
{
    size_t at = 0;
    for (; number > 1 && at < text.len; number--) {
        const unsigned char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end == NULL ? text.len : (size_t)(end - text.ptr) + 1;
    }
    return at;
}

/* Put `with` in the place of text[from, to). */
static void
replace(ndr_buffer *text, size_t from, size_t to, ndr_slice with)
{
    ndr_buffer made = {0};
    ndr_buffer_add(&made, (ndr_slice){text->ptr, from});
    ndr_buffer_add(&made, with);
    ndr_buffer_add(&made, (ndr_slice){text->ptr + to, text->len - to});
    made.failed |= text->failed;
    ndr_buffer_free(text);
    *text = made;
}

static size_t
line_of(const ndr_yaml *yaml, size_t entry, const char *key)
{
    return ndr_yaml_line(yaml, "windows", entry, key, NDR_YAML_WHOLE);
}

/* ---- an entry written out ------------------------------------------------ */

/* In double quotes, which YAML and JSON read alike. Source: YAML 1.1 5.5. */
static void
add_quoted(ndr_buffer *out, ndr_slice text)
{
    ndr_buffer_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = text.ptr[i];
        if (c == '"' || c == '\\')
            ndr_buffer_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            ndr_buffer_printf(out, "\\x%02x", c);
        else
            ndr_buffer_byte(out, c);
    }
    ndr_buffer_byte(out, '"');
}

/* Text for every reader of YAML: 1e1.5, 10.in-addr.arpa or no might be none. */
static bool
plain_domain(ndr_slice domain)
{
    return domain.len > 0 && domain.ptr[0] >= 'a' && domain.ptr[0] <= 'z' &&
           memchr(domain.ptr, '.', domain.len) != NULL;
}

void
ndr_window_write(const ndr_window *w, size_t indent, ndr_buffer *out)
{
    const int n = indent < 80 ? (int)indent : 80;
    char text[32];
    ndr_buffer_printf(out, "%*s- domain: ", n, "");
    if (plain_domain(w->domain))
        ndr_buffer_add(out, w->domain);
    else
        add_quoted(out, w->domain);
    ndr_time_format(w->from, text);
    ndr_buffer_printf(out, "\n%*sfrom: %s\n", n + 2, "", text);
    if (w->until != NDR_TIME_OPEN) {
        ndr_time_format(w->until, text);
        ndr_buffer_printf(out, "%*suntil: %s\n", n + 2, "", text);
    }
    if (w->until_calm)
        ndr_buffer_printf(out, "%*suntil-calm: true\n", n + 2, "");
    if (w->subdomains)
        ndr_buffer_printf(out, "%*ssubdomains: true\n", n + 2, "");
    if (w->kinds != 0 && w->kinds != NDR_KINDS_DEFAULT) {
        ndr_buffer_printf(out, "%*skinds: [", n + 2, "");
        const char *between = "";
        for (int k = NDR_KIND_FAILED; k < NDR_KIND_COUNT; k++)
            if ((w->kinds & NDR_KIND_BIT(k)) != 0) {
                ndr_buffer_printf(out, "%s%s", between, ndr_kind_name((enum ndr_kind)k));
                between = ", ";
            }
        ndr_buffer_text(out, "]\n");
    }
    if (w->mailbox_count > 0)
        ndr_buffer_printf(out, "%*smailboxes: [", n + 2, "");
    for (size_t i = 0; i < w->mailbox_count; i++) {
        ndr_buffer_text(out, i > 0 ? ", " : "");
        add_quoted(out, w->mailboxes[i]);
    }
    ndr_buffer_text(out, w->mailbox_count > 0 ? "]\n" : "");
    if (w->delegated)
        ndr_buffer_printf(out, "%*sdelegated: true\n", n + 2, "");
    if (w->take != NDR_TAKE_USUAL)
        ndr_buffer_printf(out, "%*stake: %s\n", n + 2, "", ndr_take_name(w->take));
    if (w->note.len > 0) {
        ndr_buffer_printf(out, "%*snote: ", n + 2, "");
        add_quoted(out, w->note);
        ndr_buffer_byte(out, '\n');
    }
}

/* ---- edits ---------------------------------------------------------------- */

void
ndr_window_text_append(ndr_buffer *text, bool begun, size_t indent, const ndr_window *w)
{
    if (text->len > 0 && text->ptr[text->len - 1] != '\n')
        ndr_buffer_byte(text, '\n');
    if (!begun)
        ndr_buffer_text(text, "windows:\n");
    ndr_window_write(w, indent, text);
}

size_t
ndr_window_text_indent(ndr_slice text, const ndr_yaml *yaml, size_t entry)
{
    const size_t at = line_at(text, line_of(yaml, entry, NULL));
    size_t n = 0;
    while (at + n < text.len && text.ptr[at + n] == ' ')
        n++;
    return at + n + 1 < text.len && text.ptr[at + n] == '-' && text.ptr[at + n + 1] == ' '
               ? n
               : SIZE_MAX;
}

/* The line at `at` begins with `key`, at *ret_column, perhaps behind the entry's dash. */
static bool
has_key(ndr_slice text, size_t at, const char *key, size_t *ret_column)
{
    const size_t n = strlen(key);
    size_t column = 0;
    while (at + column < text.len &&
           (text.ptr[at + column] == ' ' || text.ptr[at + column] == '-'))
        column++;
    *ret_column = column;
    return text.len - at - column >= n && memcmp(text.ptr + at + column, key, n) == 0;
}

/* Where the value behind a key's colon at `at` ends: with its line or before a comment.
 */
static size_t
value_end(ndr_slice text, size_t at, size_t line_end)
{
    size_t n = at;
    while (n < line_end && text.ptr[n] != '\n' && text.ptr[n] != '\r' &&
           !(text.ptr[n] == ' ' && n + 1 < line_end && text.ptr[n + 1] == '#'))
        n++;
    while (n > at && text.ptr[n - 1] == ' ')
        n--;
    return n;
}

/* Give a key ("until:") that stands at `at` another time. */
static void
set_time(ndr_buffer *text, size_t at, size_t column, const char *key, int64_t time)
{
    char value[32];
    ndr_time_format(time, value);
    const size_t end = line_at((ndr_slice){text->ptr + at, text->len - at}, 2) + at;
    at += column + strlen(key);
    while (at < end && text->ptr[at] == ' ')
        at++;
    replace(text, at, value_end(ndr_buffer_slice(text), at, end), ndr_slice_of(value));
}

bool
ndr_window_text_begin(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, int64_t from)
{
    size_t column = 0;
    const size_t at = line_at(ndr_buffer_slice(text), line_of(yaml, entry, "from"));
    if (!has_key(ndr_buffer_slice(text), at, "from:", &column))
        return false;
    set_time(text, at, column, "from:", from);
    return true;
}

bool
ndr_window_text_end(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, int64_t until)
{
    /* a key that is not there has its entry's line, where some other key stands */
    size_t column = 0;
    size_t at = line_at(ndr_buffer_slice(text), line_of(yaml, entry, "until"));
    if (has_key(ndr_buffer_slice(text), at, "until:", &column)) {
        set_time(text, at, column, "until:", until);
        return true;
    }
    at = line_at(ndr_buffer_slice(text), line_of(yaml, entry, "from"));
    if (!has_key(ndr_buffer_slice(text), at, "from:", &column))
        return false;
    char now[32];
    ndr_time_format(until, now);
    at += line_at((ndr_slice){text->ptr + at, text->len - at}, 2);
    ndr_buffer with = {0};
    if (at > 0 && text->ptr[at - 1] != '\n')
        ndr_buffer_byte(&with, '\n');
    ndr_buffer_printf(&with, "%*suntil: %s\n", (int)column, "", now);
    replace(text, at, at, ndr_buffer_slice(&with));
    text->failed |= with.failed;
    ndr_buffer_free(&with);
    return true;
}

void
ndr_window_text_unlist(ndr_buffer *text)
{
    static const char key[] = "windows:";
    for (size_t at = 0; at < text->len;) {
        const size_t next = line_at((ndr_slice){text->ptr + at, text->len - at}, 2) + at;
        size_t column = 0;
        if (has_key(ndr_buffer_slice(text), at, key, &column) && column == 0) {
            const size_t from = at + sizeof key - 1;
            const size_t until = value_end(ndr_buffer_slice(text), from, next);
            size_t brackets = 0, other = 0;
            for (size_t i = from; i < until; i++)
                if (text->ptr[i] == '[' || text->ptr[i] == ']')
                    brackets++;
                else
                    other += text->ptr[i] != ' ';
            if (brackets == 2 && other == 0)
                replace(text, from, until, ndr_slice_of(""));
            return;
        }
        at = next;
    }
}

/* Where the list ends that an entry at `at` is the last of: where another key of the file
 * begins, or with it. */
static size_t
list_end(ndr_slice all, size_t at)
{
    for (bool first = true; at < all.len; first = false) {
        const unsigned char c = all.ptr[at];
        if (!first && c != ' ' && c != '-' && c != '#' && c != '\n' && c != '\r')
            break;
        at += line_at((ndr_slice){all.ptr + at, all.len - at}, 2);
    }
    return at;
}

bool
ndr_window_text_drop(ndr_buffer *text, const ndr_yaml *yaml, size_t entry, size_t count)
{
    if (ndr_window_text_indent(ndr_buffer_slice(text), yaml, entry) == SIZE_MAX)
        return false;
    const ndr_slice all = ndr_buffer_slice(text);
    size_t at = line_at(all, line_of(yaml, entry, NULL));
    const size_t end = entry + 1 < count ? line_at(all, line_of(yaml, entry + 1, NULL))
                                         : list_end(all, at);
    ndr_buffer kept = {0};
    const size_t begin = at;
    while (at < end) {
        const size_t next = line_at((ndr_slice){all.ptr + at, end - at}, 2) + at;
        size_t n = at;
        while (n < next && all.ptr[n] == ' ')
            n++;
        if (n == next || all.ptr[n] == '#' || all.ptr[n] == '\n' || all.ptr[n] == '\r')
            ndr_buffer_add(&kept, (ndr_slice){all.ptr + at, next - at});
        at = next;
    }
    replace(text, begin, end, ndr_buffer_slice(&kept));
    text->failed |= kept.failed;
    ndr_buffer_free(&kept);
    return true;
}
