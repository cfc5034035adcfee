/* SPDX-License-Identifier: BSD-3-Clause */
/* dkim_keys.c - which keys are ours, by domain and selector? */
#include "dkim_key.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    char *domain;   /* lower-case A-labels */
    char *selector; /* in lower case */
    ndr_dkim_key key;
} entry;

struct ndr_dkim_keys {
    entry *entries; /* sorted by domain, then selector */
    size_t count, room;
};

int
ndr_dkim_keys_new(ndr_dkim_keys **ret, ndr_error *err)
{
    const int rc = ndr_crypto_load(err);
    if (rc != 0)
        return rc;
    *ret = calloc(1, sizeof **ret);
    return *ret != NULL ? 0 : ndr_fail(err, NDR_E_NOMEM, "no memory for keys");
}

size_t
ndr_dkim_keys_count(const ndr_dkim_keys *keys)
{
    return keys->count;
}

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

static int
compare_selector(ndr_slice asked, const char *selector)
{
    size_t i = 0;
    for (; i < asked.len && selector[i] != '\0'; i++) {
        const int d = lower(asked.ptr[i]) - (unsigned char)selector[i];
        if (d != 0)
            return d;
    }
    return i < asked.len ? 1 : selector[i] != '\0' ? -1 : 0;
}

/* The first entry that is not below (domain, selector). */
static size_t
lower_bound(const ndr_dkim_keys *keys, const char *domain, ndr_slice selector)
{
    size_t low = 0, high = keys->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const entry *e = &keys->entries[middle];
        const int d = strcmp(domain, e->domain);
        if (d > 0 || (d == 0 && compare_selector(selector, e->selector) > 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ndr_slice
ndr_dkim_keys_domain(const ndr_dkim_keys *keys, const char *domain)
{
    const size_t at = lower_bound(keys, domain, (ndr_slice){0});
    return at < keys->count && strcmp(keys->entries[at].domain, domain) == 0
               ? ndr_slice_of(keys->entries[at].domain)
               : (ndr_slice){0};
}

const ndr_dkim_key *
ndr_dkim_keys_find(const ndr_dkim_keys *keys, const char *domain, ndr_slice selector,
                   size_t *index)
{
    const size_t at = lower_bound(keys, domain, selector);
    if (at == keys->count || strcmp(keys->entries[at].domain, domain) != 0 ||
        compare_selector(selector, keys->entries[at].selector) != 0)
        return NULL;
    *index = at;
    return &keys->entries[at].key;
}

/* sub-domain *("." sub-domain) of RFC 6376 3.1, and '_' as it is found. */
static bool
is_selector(ndr_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        const unsigned char c = lower(s.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_' &&
            c != '.' && c < 0x80)
            return false;
    }
    return s.len > 0 && s.len < 256;
}

static char *
lower_copy(ndr_slice s)
{
    char *copy = malloc(s.len + 1);
    for (size_t i = 0; copy != NULL && i < s.len; i++)
        copy[i] = (char)lower(s.ptr[i]);
    if (copy != NULL)
        copy[s.len] = '\0';
    return copy;
}

static void
free_entry(entry *e)
{
    free(e->domain);
    free(e->selector);
    EVP_PKEY_free(e->key.pkey);
}

static bool
make_room(ndr_dkim_keys *keys)
{
    if (keys->count < keys->room)
        return true;
    const size_t room = keys->room == 0 ? 8 : keys->room * 2;
    entry *grown = realloc(keys->entries, room * sizeof *grown);
    if (grown == NULL)
        return false;
    keys->entries = grown;
    keys->room = room;
    return true;
}

int
ndr_dkim_keys_add(ndr_dkim_keys *keys, ndr_slice domain, ndr_slice selector,
                  ndr_slice text, ndr_dkim_key_about *about, ndr_error *err)
{
    char name[256];
    size_t index;
    entry e = {0};
    if (!ndr_domain_normal(domain, name))
        return ndr_fail(err, NDR_E_SYNTAX, "'%.*s' is no domain",
                        (int)(domain.len < 200 ? domain.len : 200),
                        (const char *)domain.ptr);
    if (!is_selector(selector))
        return ndr_fail(err, NDR_E_SYNTAX, "'%.*s' is no selector",
                        (int)(selector.len < 200 ? selector.len : 200),
                        (const char *)selector.ptr);
    if (ndr_dkim_keys_find(keys, name, selector, &index) != NULL)
        return ndr_fail(err, NDR_E_SYNTAX, "%s has a selector '%.*s' already", name,
                        (int)(selector.len < 100 ? selector.len : 100),
                        (const char *)selector.ptr);
    const int rc = ndr_dkim_key_read(text, &e.key, err);
    if (rc != 0) {
        ndr_error_prefix(err, "key '%.*s' of %s",
                         (int)(selector.len < 100 ? selector.len : 100),
                         (const char *)selector.ptr, name);
        return rc;
    }
    e.domain = lower_copy(ndr_slice_of(name));
    e.selector = lower_copy(selector);
    if (e.domain == NULL || e.selector == NULL || !make_room(keys)) {
        free_entry(&e);
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a key");
    }
    const size_t at = lower_bound(keys, name, selector);
    memmove(keys->entries + at + 1, keys->entries + at,
            (keys->count - at) * sizeof *keys->entries);
    keys->entries[at] = e;
    keys->count++;
    if (about != NULL)
        *about = e.key.about;
    return 0;
}

void
ndr_dkim_keys_free(ndr_dkim_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < keys->count; i++)
        free_entry(&keys->entries[i]);
    free(keys->entries);
    free(keys);
}
