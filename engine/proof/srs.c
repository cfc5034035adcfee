/* SPDX-License-Identifier: BSD-3-Clause */
/* srs.c - is this address one that we made for a sender whose mail we forwarded?
 *
 *   SRS0=HASH=TT=host=user@ours         the first forwarder; TT is the day in base 32
 *   SRS1=HASH=host=OPAQUE@ours          a later one; OPAQUE is the first one's, from its
 *                                       separator on ("=HASH=TT=host=user")
 */
#include "base64.h"
#include "instance.h"
#include "ndr_hex.h"
#include "secrets.h"

#include <string.h>

enum { DAYS = 49, SLOTS = 1024, HASH_LEAST = 4, HASH_MOST = 26, EXIM_DIGITS = 4 };

/* What stands between the separators, borrowed. */
typedef struct parts {
    bool guarded; /* SRS1 */
    ndr_slice hash, stamp, host, user;
} parts;

/* Up to the next '=', which is taken off `rest`; false when there is none. */
static bool
next_part(ndr_slice *rest, ndr_slice *part)
{
    const unsigned char *end = rest->len > 0 ? memchr(rest->ptr, '=', rest->len) : NULL;
    if (end == NULL)
        return false;
    part->ptr = rest->ptr;
    part->len = (size_t)(end - rest->ptr);
    *rest = (ndr_slice){end + 1, rest->len - part->len - 1};
    return true;
}

static bool
read_parts(const ndr_tagged *t, parts *p)
{
    if (t->local_len < 6 || strchr("=-+", t->local[4]) == NULL || t->local[4] == '\0' ||
        !ndr_slice_equal_nocase((ndr_slice){t->local, 3}, NDR_SLICE("SRS")) ||
        (t->local[3] != '0' && t->local[3] != '1'))
        return false;
    *p = (parts){.guarded = t->local[3] == '1'};
    ndr_slice rest = {t->local + 5, t->local_len - 5};
    if (!next_part(&rest, &p->hash) || (!p->guarded && !next_part(&rest, &p->stamp)) ||
        !next_part(&rest, &p->host))
        return false;
    p->user = rest;
    return p->user.len > 0 && p->hash.len > 0 && (p->guarded || p->stamp.len == 2);
}

static size_t
add_lower(unsigned char *out, size_t n, ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        out[n++] = ndr_tag_lower(s.ptr[i]);
    return n;
}

/* ---- libsrs2 --------------------------------------------------------------------- */

/* The front of the base64 of the MAC, in any case. */
static bool
matches_base64(const unsigned char mac[NDR_MAC_BYTES], const void *arg)
{
    const ndr_slice *hash = arg;
    for (size_t i = 0; i < hash->len; i++) {
        unsigned six = 0;
        for (size_t bit = i * 6; bit < i * 6 + 6; bit++)
            six = six << 1 | ((unsigned)mac[bit / 8] >> (7 - bit % 8) & 1u);
        if (ndr_tag_lower((unsigned char)ndr_base64_char(six)) !=
            ndr_tag_lower(hash->ptr[i]))
            return false;
    }
    return true;
}

static bool
is_libsrs2(const ndr_secrets *s, const parts *p, ndr_slice covered)
{
    return p->hash.len >= HASH_LEAST && p->hash.len <= HASH_MOST &&
           ndr_secrets_made(s, NDR_SECRET_ANY, NDR_MAC_SHA1, covered, matches_base64,
                            &p->hash);
}

/* ---- Exim ------------------------------------------------------------------------ */

static bool
matches_hex(const unsigned char mac[NDR_MAC_BYTES], const void *arg)
{
    const ndr_slice *hash = arg;
    for (size_t i = 0; i < EXIM_DIGITS; i++)
        if (ndr_tag_lower(hash->ptr[i]) !=
            ndr_hex_lower(i % 2 == 0 ? mac[i / 2] >> 4 : mac[i / 2]))
            return false;
    return true;
}

/* Exim puts quotes around a user when the whole local part holds what needs them. */
static bool
needs_quotes(const ndr_tagged *t)
{
    for (size_t i = 0; i < t->local_len; i++) {
        const unsigned char c = ndr_tag_lower(t->local[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr(".!#$%&'*+-/=?^_`{|}~", c) == NULL))
            return true;
    }
    return t->quoted;
}

static ndr_slice
exim_covered(const ndr_tagged *t, const parts *p, unsigned char *out)
{
    const ndr_slice quote = {(const unsigned char *)"\"", needs_quotes(t) ? 1 : 0};
    size_t n = add_lower(out, 0, quote);
    n = add_lower(out, n, p->user);
    n = add_lower(out, n, quote);
    n = add_lower(out, n, NDR_SLICE("@"));
    return (ndr_slice){out, add_lower(out, n, p->host)};
}

/* ---- both ------------------------------------------------------------------------ */

/* The day modulo 1024 in base 32, in any case; -1: none. */
static int64_t
read_stamp(ndr_slice stamp)
{
    int64_t day = 0;
    for (size_t i = 0; i < stamp.len; i++) {
        const unsigned char c = ndr_tag_lower(stamp.ptr[i]);
        const int value = c >= 'a' && c <= 'z'   ? c - 'a'
                          : c >= '2' && c <= '7' ? c - '2' + 26
                                                 : -1;
        if (value < 0)
            return -1;
        day = day * 32 + value;
    }
    return day;
}

ndr_tag
ndr_srs_check(const ndr_secrets *s, ndr_slice address, int64_t at)
{
    ndr_tag tag = {.result = NDR_TAG_NONE, .form = ""};
    ndr_tagged t;
    parts p;
    unsigned char bytes[NDR_ADDRESS_BYTES + 4];
    if (!ndr_tagged_split(address, &t) || !read_parts(&t, &p))
        return tag;
    const int64_t day = p.guarded ? 0 : read_stamp(p.stamp);
    if (day < 0)
        return tag;
    tag.result = NDR_TAG_WRONG;
    size_t n = add_lower(bytes, 0, p.stamp);
    n = add_lower(bytes, n, p.host);
    n = add_lower(bytes, n, p.user);
    ndr_slice covered = {bytes, n};
    const char *form = "libsrs2";
    if (!is_libsrs2(s, &p, covered)) {
        if (p.guarded || t.local[4] != '=' || p.hash.len != EXIM_DIGITS)
            return tag;
        form = "exim";
        covered = exim_covered(&t, &p, bytes);
        if (!ndr_secrets_made(s, NDR_SECRET_ANY, NDR_MAC_MD5, covered, matches_hex,
                              &p.hash))
            return tag;
    }
    if (!ndr_instance_of(form, covered, false, &tag.instance))
        return tag;
    tag.form = form;
    tag.result = p.guarded ? NDR_TAG_RIGHT : NDR_TAG_UNDATED;
    if (p.guarded || at == NDR_TIME_UNKNOWN)
        return tag;
    const int64_t today = (ndr_tag_day(at) % SLOTS + SLOTS) % SLOTS;
    tag.result = (today - day + SLOTS) % SLOTS <= DAYS ? NDR_TAG_RIGHT : NDR_TAG_EXPIRED;
    return tag;
}
