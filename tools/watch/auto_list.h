/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_list.h - which domains may have windows that open themselves?
 *
 *   # domain      take          owner
 *   example.com
 *   example.net   forged
 *   example.org   all-but-ours  customer-17
 *   example.edu   never
 *
 * and, where none of its lines names the domain, who may switch it has wished for it.
 */
#ifndef AUTO_LIST_H
#define AUTO_LIST_H

#include "windows/auto_wishes.h"

typedef struct auto_domain {
    char domain[256];   /* lower-case A-labels */
    enum ndr_take take; /* NDR_TAKE_NOT_OURS or NDR_TAKE_FORGED */
    bool never;         /* whatever is wished */
    char owner[65];     /* "": its own */
} auto_domain;

typedef struct auto_list {
    auto_domain *row; /* sorted by domain, each once; owned */
    size_t count;
} auto_list;

/* Read the file. 0 (auto_list_free it); NDR_E_SYNTAX "FILE:LINE: what is wrong; what to
 * do"; NDR_E_SYS, NDR_E_LIMIT, NDR_E_NOMEM. */
int auto_list_load(const char *path, auto_list *ret, ndr_error *err);
void auto_list_free(auto_list *l);
/* What is in force: the lines of `file` but those that say never, and the wishes that
 * count for domains that it does not name; each is its person's. 0 and *ret, or
 * NDR_E_NOMEM. */
int auto_list_join(const auto_list *file, const auto_wishes *wishes,
                   const ndr_admins *people, auto_list *ret, ndr_error *err);
/* The row of a domain; NULL: it is not listed. */
const auto_domain *auto_list_find(const auto_list *l, const char *domain);

#endif
