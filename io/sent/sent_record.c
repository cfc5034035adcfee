/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_record.c - which bits stand for a message that was sent? */
#include "sent_record.h"

#include <string.h>

enum { DAY_SECONDS = 86400 };

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static ndr_slice
trim(ndr_slice s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* Without blanks around it, and one pair of angle brackets. */
static ndr_slice
unwrap(ndr_slice s)
{
    s = trim(s);
    if (s.len >= 2 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>')
        s = trim((ndr_slice){s.ptr + 1, s.len - 2});
    return s;
}

/* False when there is none, or one longer than any domain is. */
static bool
domain_of(ndr_slice domain, char ret[256])
{
    domain = trim(domain);
    if (domain.len == 0 || domain.len > 255)
        return false;
    if (ndr_domain_normal(domain, ret))
        return true;
    for (size_t i = 0; i < domain.len; i++)
        ret[i] = (char)lower(domain.ptr[i]);
    ret[domain.len] = '\0';
    return memchr(ret, '\0', domain.len) == NULL;
}

bool
ndr_sent_name_of(ndr_slice id, ndr_slice domain, ndr_slice recipient, ndr_sent_name *ret)
{
    ret->id = unwrap(id);
    ret->has_recipient = false;
    if (ret->id.len == 0 || !domain_of(domain, ret->domain))
        return false;
    recipient = unwrap(recipient);
    size_t at = recipient.len;
    while (at > 0 && recipient.ptr[at - 1] != '@')
        at--;
    if (at < 2) /* no '@', or nothing before it */
        return true;
    ret->local = (ndr_slice){recipient.ptr, at - 1};
    ret->has_recipient = domain_of((ndr_slice){recipient.ptr + at, recipient.len - at},
                                   ret->recipient_domain);
    return true;
}

/* Bytes on their way into a hash, which takes many at once sooner than a few at a time.
 */
typedef struct hashed {
    ndr_siphash h;
    size_t held;
    unsigned char bytes[512];
} hashed;

static void
add(hashed *x, const void *p, size_t n)
{
    if (n > sizeof x->bytes - x->held) {
        ndr_siphash_add(&x->h, x->bytes, x->held);
        x->held = 0;
    }
    if (n > sizeof x->bytes) {
        ndr_siphash_add(&x->h, p, n);
        return;
    }
    memcpy(x->bytes + x->held, p, n);
    x->held += n;
}

/* With its length before it, so that no two rows of parts are the same bytes. */
static void
add_part(hashed *x, const void *p, size_t n)
{
    const unsigned char len[4] = {(unsigned char)n, (unsigned char)(n >> 8),
                                  (unsigned char)(n >> 16), (unsigned char)(n >> 24)};
    add(x, len, sizeof len);
    add(x, p, n);
}

/* In lower case, and last: it needs no length. */
static void
add_local(hashed *x, ndr_slice local)
{
    for (size_t i = 0; i < local.len;) {
        unsigned char part[64];
        size_t n = 0;
        for (; n < sizeof part && i < local.len; n++, i++)
            part[n] = lower(local.ptr[i]);
        add(x, part, n);
    }
}

uint64_t
ndr_sent_hash(const ndr_sent_key *key, const ndr_sent_name *name, bool with_recipient)
{
    hashed x;
    x.held = 0;
    ndr_siphash_begin(&x.h, key->bytes);
    add(&x, with_recipient ? "\2" : "\1", 1);
    add_part(&x, name->id.ptr, name->id.len);
    add_part(&x, name->domain, strlen(name->domain));
    if (with_recipient) {
        add_part(&x, name->recipient_domain, strlen(name->recipient_domain));
        add_local(&x, name->local);
    }
    ndr_siphash_add(&x.h, x.bytes, x.held);
    return ndr_siphash_end(&x.h);
}

uint64_t
ndr_sent_key_id(const unsigned char bytes[NDR_SIPHASH_KEY_BYTES])
{
    ndr_siphash h;
    ndr_siphash_begin(&h, bytes);
    ndr_siphash_add(&h, "\0key", 4);
    return ndr_siphash_end(&h);
}

int
ndr_sent_day(int64_t at)
{
    if (at < 0 || at / DAY_SECONDS > SENT_DAY_MOST)
        return -1;
    return (int)(at / DAY_SECONDS);
}
