/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_recipient.c - does a signed To or Cc field name a mailbox? (RFC 5322 3.4)
 *
 * Not the engine's address.h, which looks for the likeliest address in whatever a person
 * or program wrote: here only what is an address by the grammar counts. */
#include "dkim_recipient.h"

#include "dkim_tags.h"
#include "ndrscan_proof.h"

#include <string.h>

enum { ADDRESS_BYTES = 1024 };

/* An addr-spec without comments, white space and needless quotes. */
typedef struct mailbox {
    unsigned char local[ADDRESS_BYTES];
    size_t local_len;
    char domain[256]; /* A-labels, or a literal in its brackets */
} mailbox;

/* Behind the quoted string, comment or literal at `at`; text.len when it is not closed.
 */
static size_t
skip_group(ndr_slice text, size_t at)
{
    const unsigned char open = text.ptr[at];
    const unsigned char close = open == '(' ? ')' : open == '[' ? ']' : '"';
    size_t depth = 0;
    for (size_t i = at; i < text.len; i++) {
        const unsigned char c = text.ptr[i];
        if (c == '\\')
            i++;
        else if (c == close && (i > at || open != close) && (open != '(' || --depth == 0))
            return i + 1;
        else if (c == open && open == '(')
            depth++;
    }
    return text.len;
}

static bool
opens_group(unsigned char c)
{
    return c == '"' || c == '(' || c == '[';
}

/* Where `c` stands outside quotes, comments and literals, from `at` on; text.len:
 * nowhere.
 */
static size_t
find_outside(ndr_slice text, size_t at, const char *any)
{
    while (at < text.len && strchr(any, text.ptr[at]) == NULL)
        at = opens_group(text.ptr[at]) ? skip_group(text, at) : at + 1;
    return at < text.len ? at : text.len;
}

/* `text` without comments and white space; quoted strings give what they quote. */
static bool
plain(ndr_slice text, unsigned char *out, size_t *len)
{
    *len = 0;
    for (size_t i = 0; i < text.len;) {
        const unsigned char c = text.ptr[i];
        const size_t end = opens_group(c) ? skip_group(text, i) : i + 1;
        if (c == '"') {
            if (end - i < 2 || text.ptr[end - 1] != '"')
                return false;
            for (size_t k = i + 1; k + 1 < end; k++) {
                k += text.ptr[k] == '\\' && k + 2 < end ? 1 : 0;
                if (*len == ADDRESS_BYTES)
                    return false;
                out[(*len)++] = text.ptr[k];
            }
        } else if (c != '(' && !ndr_dkim_is_fold(c)) {
            for (size_t k = i; k < end; k++) {
                if (*len == ADDRESS_BYTES)
                    return false;
                out[(*len)++] = text.ptr[k];
            }
        }
        i = end;
    }
    return true;
}

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

/* Read an addr-spec: one '@' outside quotes, comments and literals. */
static bool
read_mailbox(ndr_slice text, mailbox *m)
{
    const size_t at = find_outside(text, 0, "@");
    if (at == text.len)
        return false;
    const ndr_slice behind = {text.ptr + at + 1, text.len - at - 1};
    unsigned char domain[ADDRESS_BYTES];
    size_t n = 0;
    if (find_outside(behind, 0, "@") < behind.len ||
        !plain((ndr_slice){text.ptr, at}, m->local, &m->local_len) ||
        !plain(behind, domain, &n) || m->local_len == 0 || n == 0)
        return false;
    if (domain[0] != '[')
        return ndr_domain_normal((ndr_slice){domain, n}, m->domain);
    for (size_t i = 0; i < n && n < sizeof m->domain; i++)
        m->domain[i] = (char)lower(domain[i]);
    m->domain[n < sizeof m->domain ? n : 0] = '\0';
    return n < sizeof m->domain;
}

/* One element of a list: "local@domain", or a name with a path in angle brackets. */
static bool
read_element(ndr_slice text, mailbox *m)
{
    const size_t open = find_outside(text, 0, "<");
    if (open == text.len)
        return read_mailbox(text, m);
    ndr_slice path = {text.ptr + open + 1, text.len - open - 1};
    const size_t close = find_outside(path, 0, ">");
    if (close == path.len)
        return false;
    path = ndr_dkim_trim((ndr_slice){path.ptr, close});
    if (path.len > 0 && path.ptr[0] == '@') { /* a source route (RFC 5322 4.4) */
        const size_t colon = find_outside(path, 0, ":");
        if (colon == path.len)
            return false;
        path = (ndr_slice){path.ptr + colon + 1, path.len - colon - 1};
    }
    return read_mailbox(path, m);
}

static bool
same(const mailbox *a, const mailbox *b)
{
    if (a->local_len != b->local_len || strcmp(a->domain, b->domain) != 0)
        return false;
    for (size_t i = 0; i < a->local_len; i++)
        if (lower(a->local[i]) != lower(b->local[i]))
            return false;
    return true;
}

/* Does a list of addresses name it? Groups are looked into ("name: a, b;"). */
static bool
list_names(ndr_slice list, const mailbox *asked)
{
    mailbox m;
    for (size_t at = 0; at < list.len;) {
        const size_t stop = find_outside(list, at, ",;:<");
        size_t end = stop;
        if (stop < list.len && list.ptr[stop] == '<') { /* a route holds ',' and ':' */
            const size_t close = find_outside(list, stop, ">");
            end = find_outside(list, close, ",;");
        }
        const bool group = end < list.len && list.ptr[end] == ':';
        if (!group && read_element((ndr_slice){list.ptr + at, end - at}, &m) &&
            same(&m, asked))
            return true;
        at = end + 1;
    }
    return false;
}

bool
ndr_dkim_signed_recipient(const ndr_dkim_signature *s, ndr_slice wanted)
{
    mailbox asked;
    if (s->result != NDR_DKIM_PASS || !read_mailbox(wanted, &asked))
        return false;
    for (size_t i = 0; i < s->recipient_fields; i++)
        if (list_names(s->recipients[i], &asked))
            return true;
    return false;
}

bool
ndr_mailbox_only(ndr_slice list, char domain[256])
{
    mailbox m;
    unsigned char rest[ADDRESS_BYTES];
    size_t n = 0;
    if (find_outside(list, 0, ",;:") < list.len || !read_element(list, &m))
        return false;
    const size_t open = find_outside(list, 0, "<");
    const size_t close = find_outside(list, open, ">");
    if (close < list.len &&
        (!plain((ndr_slice){list.ptr + close + 1, list.len - close - 1}, rest, &n) ||
         n > 0))
        return false;
    memcpy(domain, m.domain, sizeof m.domain);
    return true;
}
