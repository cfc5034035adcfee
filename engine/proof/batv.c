/* SPDX-License-Identifier: BSD-3-Clause */
/* batv.c - is this address one that we tagged as a sender's? (draft-levine-smtp-batv) */
#include "instance.h"
#include "ndr_hex.h"
#include "secrets.h"

#include <string.h>

enum {
    FRONT_BYTES = sizeof "prvs=KDDDSSSSSS=" - 1,
    NUMBER_AT = 5,
    DAY_AT = 6,
    MAC_AT = 9,
    MAC_DIGITS = 6,
    DAYS_AHEAD = 100,
};

/* Is the local part "prvs=KDDDSSSSSS=" and something? */
static bool
is_tagged(const ndr_tagged *t)
{
    static const unsigned char front[] = "prvs=";
    if (t->local_len <= FRONT_BYTES || t->local[FRONT_BYTES - 1] != '=')
        return false;
    for (size_t i = 0; i < NUMBER_AT; i++)
        if (ndr_tag_lower(t->local[i]) != front[i])
            return false;
    for (size_t i = NUMBER_AT; i < MAC_AT; i++)
        if (t->local[i] < '0' || t->local[i] > '9')
            return false;
    for (size_t i = MAC_AT; i < MAC_AT + MAC_DIGITS; i++)
        if (ndr_hex_value(t->local[i]) < 0)
            return false;
    return true;
}

/* The first three bytes of the MAC, in hex. */
static bool
matches(const unsigned char mac[NDR_MAC_BYTES], const void *arg)
{
    const unsigned char *digits = arg;
    for (size_t i = 0; i < MAC_DIGITS / 2; i++)
        if (mac[i] !=
            ndr_hex_value(digits[2 * i]) * 16 + ndr_hex_value(digits[2 * i + 1]))
            return false;
    return true;
}

/* Which letters of the address are folded. */
enum folding { AS_IT_IS, DOMAIN_LOWER, ALL_LOWER, FOLDINGS };

/* KDDD, then the address: what the MAC is of. */
static ndr_slice
covered(const ndr_tagged *t, enum folding how, unsigned char *out)
{
    size_t n = 0;
    for (size_t i = NUMBER_AT; i < MAC_AT; i++)
        out[n++] = t->local[i];
    for (size_t i = FRONT_BYTES; i < t->local_len; i++)
        out[n++] = how == ALL_LOWER ? ndr_tag_lower(t->local[i]) : t->local[i];
    out[n++] = '@';
    for (size_t i = 0; i < t->domain.len; i++)
        out[n++] = how == AS_IT_IS ? t->domain.ptr[i] : ndr_tag_lower(t->domain.ptr[i]);
    return (ndr_slice){out, n};
}

ndr_tag
ndr_batv_check(const ndr_secrets *s, ndr_slice address, int64_t at)
{
    ndr_tag tag = {.result = NDR_TAG_NONE, .form = ""};
    ndr_tagged t;
    unsigned char bytes[NDR_ADDRESS_BYTES];
    if (!ndr_tagged_split(address, &t) || !is_tagged(&t))
        return tag;
    tag.result = NDR_TAG_WRONG;
    bool made = false;
    for (int how = AS_IT_IS; how < FOLDINGS && !made; how++)
        made = ndr_secrets_made(s, t.local[NUMBER_AT] - '0', NDR_MAC_SHA1,
                                covered(&t, (enum folding)how, bytes), matches,
                                t.local + MAC_AT);
    if (!made ||
        !ndr_instance_of("batv", covered(&t, ALL_LOWER, bytes), false, &tag.instance))
        return tag;
    tag.form = "batv";
    tag.result = NDR_TAG_UNDATED;
    if (at == NDR_TIME_UNKNOWN)
        return tag;
    int64_t last = 0;
    for (size_t i = DAY_AT; i < MAC_AT; i++)
        last = last * 10 + (t.local[i] - '0');
    const int64_t today = (ndr_tag_day(at) % 1000 + 1000) % 1000;
    tag.result =
        (last - today + 1000) % 1000 <= DAYS_AHEAD ? NDR_TAG_RIGHT : NDR_TAG_EXPIRED;
    return tag;
}
