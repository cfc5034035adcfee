/* SPDX-License-Identifier: BSD-3-Clause */
/* forwarded.c - who asks, where a web server in front has the word? */
#include "forwarded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char secret_field[] = "X-Proxy-Secret", hops_field[] = "X-Forwarded-For";

/* Is it the name, but that '_' stands for '-' somewhere? */
static bool
is_spelt_wrong(const char *name, const char *right)
{
    bool underscore = false;
    for (; *name != '\0' && *right != '\0'; name++, right++) {
        underscore |= *name == '_' && *right == '-';
        if (*name != *right && !(*name == '_' && *right == '-') &&
            strncasecmp(name, right, 1) != 0)
            return false;
    }
    return underscore && *name == *right;
}

/* What a request says in the fields that count. */
typedef struct found {
    const char *person, *secret;
    bool wrong; /* twice, empty or misspelt */
} found;

static void
take(const char **ret, const char *right, const header_field *f, bool *wrong)
{
    if (right == NULL)
        return;
    if (is_spelt_wrong(f->name, right)) {
        *wrong = true;
    } else if (strcasecmp(f->name, right) == 0) {
        *wrong |= *ret != NULL || f->value[0] == '\0';
        *ret = f->value;
    }
}

static bool
is_listed(const proxies *p, const char *peer)
{
    unsigned long uid = 0;
    char *end = NULL;
    if (strncmp(peer, "uid ", 4) == 0) {
        uid = strtoul(peer + 4, &end, 10);
        for (size_t i = 0; i < p->uid_count && *end == '\0'; i++)
            if (p->uid[i] == uid)
                return true;
        return false;
    }
    return ndr_network_has(p->network, p->network_count, ndr_slice_of(peer));
}

/* "192.0.2.1", "192.0.2.1:443", "[2001:db8::1]:443" -> the address alone. */
static bool
address_of(const char *hop, size_t n, char ret[64])
{
    while (n > 0 && (hop[0] == ' ' || hop[0] == '\t')) {
        hop++;
        n--;
    }
    while (n > 0 && (hop[n - 1] == ' ' || hop[n - 1] == '\t'))
        n--;
    const char *close = n > 0 && hop[0] == '[' ? memchr(hop, ']', n) : NULL;
    const char *colon = memchr(hop, ':', n);
    if (close != NULL) {
        n = (size_t)(close - hop) - 1;
        hop++;
    } else if (colon != NULL &&
               memchr(colon + 1, ':', n - (size_t)(colon + 1 - hop)) == NULL) {
        n = (size_t)(colon - hop); /* one colon: a port */
    }
    ndr_network one;
    if (n == 0 || n >= 64)
        return false;
    memcpy(ret, hop, n);
    ret[n] = '\0';
    return strchr(ret, '/') == NULL && ndr_network_parse(ret, &one);
}

/* Hops of one field from its right end. True: `address` is settled. */
static bool
walk_back(const proxies *p, const char *hops, char address[64])
{
    size_t end = strlen(hops);
    for (;;) {
        size_t at = end;
        while (at > 0 && hops[at - 1] != ',')
            at--;
        char hop[64];
        if (!address_of(hops + at, end - at, hop))
            return true; /* nobody can say who was in front of that */
        memcpy(address, hop, sizeof hop);
        if (!is_listed(p, hop))
            return true;
        if (at == 0)
            return false;
        end = at - 1;
    }
}

forwarded
forwarded_read(const proxies *p, const char *peer, const header_field *field,
               size_t count)
{
    forwarded ret = {0};
    found f = {0};
    (void)snprintf(ret.address, sizeof ret.address, "%s", peer);
    for (size_t i = 0; i < count; i++) {
        take(&f.person, p->header, &field[i], &f.wrong);
        take(&f.secret, p->secret[0] != '\0' ? secret_field : NULL, &field[i], &f.wrong);
        f.wrong |= is_spelt_wrong(field[i].name, hops_field);
    }
    if (f.wrong || (f.person != NULL && strlen(f.person) >= sizeof ret.person)) {
        ret.status = 400;
        ret.words = "a field of the proxy's is there twice, empty or misspelt";
        return ret;
    }
    ret.by_proxy = is_listed(p, peer) &&
                   (strncmp(peer, "uid ", 4) == 0 || secret_equal(f.secret, p->secret));
    if (f.person != NULL && !ret.by_proxy) {
        ret.status = 403;
        ret.words = "a person is named by somebody who is no proxy of ours";
        return ret;
    }
    if (f.person != NULL)
        (void)snprintf(ret.person, sizeof ret.person, "%s", f.person);
    for (size_t i = count; ret.by_proxy && i > 0; i--)
        if (strcasecmp(field[i - 1].name, hops_field) == 0 &&
            walk_back(p, field[i - 1].value, ret.address))
            break;
    return ret;
}
