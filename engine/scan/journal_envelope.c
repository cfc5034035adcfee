/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * journal_envelope.c - see journal_envelope.h.
 *
 *   X-MS-Journal-Report:            or X-GM-Journal-ID, or Exchange 2003's
 * Content-Identifier multipart/mixed text/plain                    Sender: a@example.com
 *                                   Recipient: b@example.net     or To:, Cc:, Bcc:, each
 *                                   Cc: c@example.net, Expanded: list@example.net
 *     message/rfc822                the message
 *
 * Source: Microsoft, "Journal reports in Exchange Server".
 */
#include "journal_envelope.h"

#include "mail/address.h"
#include "prove.h"
#include "scan.h"

#include <string.h>

enum {
    COVER_BYTES = 256 << 10,
    INNER_BYTES = 16 << 20, /* of a message that had to be decoded */
    RECIPIENTS = 1000,
};

typedef struct journal {
    ndr_slice cover, inner;
    ndr_content cover_content, inner_content;
} journal;

static bool
take_part(void *ctx, const ndr_part *part)
{
    journal *j = ctx;
    if (part->multipart)
        return true;
    if (j->cover.ptr == NULL) {
        if (!ndr_slice_equal(part->content->type, NDR_SLICE("text/plain")))
            return false;
        j->cover = part->body;
        j->cover_content = *part->content;
        return true;
    }
    if (!ndr_slice_equal(part->content->type, NDR_SLICE("message/rfc822")))
        return true; /* an envelope in another form may stand between */
    j->inner = part->body;
    j->inner_content = *part->content;
    return false;
}

/* `body` without its transfer encoding, in `to` if it has one. */
static ndr_slice
plain(ndr_slice body, enum ndr_transfer transfer, size_t most, ndr_buffer *to)
{
    if (transfer == NDR_TRANSFER_NONE)
        return body;
    if (body.len > most * 2)
        body.len = most * 2;
    ndr_buffer_clear(to);
    if (transfer == NDR_TRANSFER_BASE64)
        ndr_base64_decode(body, to);
    else
        ndr_qp_decode(body, false, to);
    return (ndr_slice){to->ptr, to->len};
}

/* Whether a line begins with this word, and what is behind it. */
static bool
is_line(ndr_slice line, const char *word, ndr_slice *ret_value)
{
    const ndr_slice w = ndr_slice_of(word);
    if (line.len < w.len || !ndr_slice_equal_nocase((ndr_slice){line.ptr, w.len}, w))
        return false;
    *ret_value = (ndr_slice){line.ptr + w.len, line.len - w.len};
    return true;
}

/* Add the mailbox to `to`: its local part, '@', the domain as windows have it, and NUL.
 * False: it is none that a window could cover. */
static bool
add_recipient(ndr_buffer *to, ndr_slice value)
{
    char domain[256];
    const ndr_address a = ndr_address_find(value);
    if (a.domain.len == 0 || !ndr_domain_normal(a.domain, domain))
        return false;
    ndr_buffer_add(to, a.local);
    ndr_buffer_byte(to, '@');
    ndr_buffer_add(to, (ndr_slice){(const unsigned char *)domain, strlen(domain) + 1});
    return true;
}

static bool
is_blank(ndr_slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] > ' ')
            return false;
    return true;
}

/* Read the cover: the recipients go to `to`; *ret_others: it has more than those. False:
 * it is none, as it names no sender. */
static bool
read_cover(ndr_slice cover, ndr_buffer *to, bool *ret_others)
{
    static const char *const words[] = {"Recipient:", "To:", "Cc:", "Bcc:"};
    bool sender = false;
    size_t count = 0;
    ndr_buffer_clear(to);
    *ret_others = cover.len > COVER_BYTES;
    if (cover.len > COVER_BYTES)
        cover.len = COVER_BYTES;
    for (size_t at = 0; at < cover.len;) {
        const unsigned char *lf = memchr(cover.ptr + at, '\n', cover.len - at);
        const size_t end = lf != NULL ? (size_t)(lf - cover.ptr) : cover.len;
        const ndr_slice line = {cover.ptr + at, end - at};
        ndr_slice value;
        sender = sender || is_line(line, "Sender:", &value);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (is_line(line, words[i], &value) && !is_blank(value)) {
                const unsigned char *comma =
                    value.len > 0 ? memchr(value.ptr, ',', value.len) : NULL;
                if (comma != NULL) /* behind it: by which list, or whose forwarding */
                    value.len = (size_t)(comma - value.ptr);
                if (count++ >= RECIPIENTS || !add_recipient(to, value))
                    *ret_others = true;
            }
        at = end + 1;
    }
    return sender;
}

/* The first of the envelope's recipients, taken off its front. */
static void
next_recipient(ndr_slice *rest, ndr_verdict *v)
{
    const ndr_slice one = ndr_slice_of((const char *)rest->ptr);
    size_t local = one.len;
    while (local > 0 && one.ptr[local - 1] != '@')
        local--;
    v->recipient = one;
    v->local = (ndr_slice){one.ptr, local > 0 ? local - 1 : 0};
    v->domain = (ndr_slice){one.ptr + local, one.len - local};
    v->recipient_origin = NDR_FROM_JOURNAL;
    *rest = (ndr_slice){rest->ptr + one.len + 1, rest->len - one.len - 1};
}

/* Hold the verdict against all recipients: of the one that is named, it is true. Where
 * there are others, nobody knows whether windows cover them. */
static int
decide(ndr_scanner *s, bool others, ndr_verdict *v, ndr_error *err)
{
    ndr_slice rest = {s->wrap.envelope.ptr, s->wrap.envelope.len};
    if (rest.len == 0 && !others)
        return 0;
    ndr_verdict first = {0};
    for (bool begun = false; rest.len > 0; begun = true) {
        next_recipient(&rest, v);
        const int rc = ndr_prove_and_decide(s, v, err);
        if (rc < 0 || v->decision != NDR_JUNK)
            return rc;
        if (!begun)
            first = *v;
    }
    if (others) {
        v->recipient = v->local = v->domain = (ndr_slice){0};
        v->recipient_origin = NDR_FROM_NOTHING;
        return ndr_prove_and_decide(s, v, err);
    }
    first.evidence = v->evidence;
    *v = first;
    return 0;
}

int
ndr_journal_scan(ndr_scanner *s, const ndr_message *m, ndr_slice raw, size_t body_at,
                 ndr_verdict *ret, ndr_error *err)
{
    if (raw.ptr != m->raw.ptr || raw.len < body_at)
        return NDR_JOURNAL_NONE;
    ndr_content top = {.type = NDR_SLICE("text/plain")};
    const ndr_slice type = ndr_fact_value(s, NDR_FACT_CONTENT_TYPE, raw);
    if (type.ptr != NULL)
        ndr_content_type(&s->arena, type, "text/plain", &top);
    journal j = {0};
    (void)ndr_mime_walk(&s->arena, &top,
                        (ndr_slice){raw.ptr + body_at, raw.len - body_at}, take_part, &j);
    if (s->arena.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    bool others;
    if (j.inner.len == 0 || !read_cover(plain(j.cover, j.cover_content.transfer,
                                              COVER_BYTES, &s->wrap.unpacked),
                                        &s->wrap.envelope, &others))
        return NDR_JOURNAL_NONE;
    others = others || j.cover.len > 2 * COVER_BYTES; /* plain() left the rest out */
    const ndr_slice inner =
        plain(j.inner, j.inner_content.transfer, INNER_BYTES, &s->wrap.unpacked);
    if (s->wrap.unpacked.failed || s->wrap.envelope.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a message");
    ndr_message in = *m;
    in.raw = inner;
    in.length = inner.len;
    in.envelope = (ndr_slice){0};
    ndr_scanner_say(s, "a journal: the message in it is looked at, and its envelope");
    s->wrap.unwrapped = true; /* a journal in a journal is a message as others are */
    const int rc = ndr_scan(s, &in, NULL, NULL, ret, err);
    s->wrap.unwrapped = false;
    if (rc < 0)
        return rc;
    if (ret->rule != NULL || (ret->flags & NDR_MSG_SUSPECT) != 0)
        return decide(s, others, ret, err);
    return 0;
}
