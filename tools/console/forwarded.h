/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * forwarded.h - who asks, where a web server in front has the word?
 *
 * What stands in a request's header is its sender's word. Of the fields that tell of
 * somebody else, a proxy's name of a person and X-Forwarded-For, the word counts of those
 * that were named alone: a user at the other end of our Unix socket, or an address that
 * also shows the secret.
 */
#ifndef FORWARDED_H
#define FORWARDED_H

#include "ndr_network.h"
#include "ndrscan.h"
#include "sessions.h"

enum { PROXIES_MAX = 16, PERSON_BYTES = 256 };

/* Whose word counts. */
typedef struct proxies {
    uint32_t uid[PROXIES_MAX];
    size_t uid_count;
    ndr_network network[PROXIES_MAX];
    size_t network_count;
    secret secret;      /* that a network's show; "": none */
    const char *header; /* which field names a person; NULL: none does */
} proxies;

/* One field of a request. */
typedef struct header_field {
    const char *name, *value; /* value "" where it has none */
} header_field;

typedef struct forwarded {
    int status; /* 0: go on; else what to answer: 400, 403 */
    const char *words;
    bool by_proxy;             /* it came from one whose word counts */
    char person[PERSON_BYTES]; /* whom the proxy names, "" nobody */
    char address[64];          /* who asked, as far as can be told */
} forwarded;

/*
 * Read the fields of a request from `peer`, "192.0.2.1" or "uid 33". 400 for a field of
 * those that is twice there, empty, or spelt with '_' for '-', which some servers take
 * for the same; 403 for a person named by somebody whose word does not count. The address
 * is that of the right-most hop that no proxy of the list made. Pure.
 */
forwarded forwarded_read(const proxies *p, const char *peer, const header_field *field,
                         size_t count);

#endif
