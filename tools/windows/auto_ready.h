/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_ready.h - could a window of this domain open itself?
 *
 * What the watcher knows and the page does not: whether there is one, what it was told,
 * and which domains its identity knows. It puts that down in the folder of windows, and
 * gives the file the time of each look; the page tells by it why something cannot be.
 */
#ifndef AUTO_READY_H
#define AUTO_READY_H

#include "ndrscan.h"

#define AUTO_READY_FILE ".ndrscan.auto.ready.json"

enum { AUTO_READY_S = 600 }; /* a watcher that looked longer ago is gone */

typedef struct auto_ready_domain {
    char domain[256]; /* lower-case A-labels */
    bool known;       /* to the identity */
    bool all_mail;    /* which says that all its mail is signed */
    enum auto_listed {
        AUTO_BY_WISH,
        AUTO_BY_LIST,
        AUTO_NEVER
    } list; /* in the operator's list */
    enum ndr_take take; /* of that line: NDR_TAKE_NOT_OURS or NDR_TAKE_FORGED */
} auto_ready_domain;

typedef struct auto_ready {
    auto_ready_domain *row; /* by domain; owned */
    size_t count;
    bool dry;    /* nothing opens, it is only told */
    bool people; /* wishes of people count, not the operator's alone */
} auto_ready;

/* One more, or the one of this name. NULL: no memory. While it is made: in any order. */
auto_ready_domain *auto_ready_add(auto_ready *r, const char *domain);
/* By name; NULL: neither listed nor known. */
const auto_ready_domain *auto_ready_find(const auto_ready *r, const char *domain);
void auto_ready_free(auto_ready *r);
/* Put it down, as of `now`. *print is of what was put down last, 0 at first: what has not
 * changed is not written again, only the time. 0, or an ndr_code. */
int auto_ready_save(const char *dir, auto_ready *r, int64_t now, uint64_t *print,
                    ndr_error *err);
/* Read it. *ret_there: a watcher looks. 0 (auto_ready_free it), or an ndr_code. */
int auto_ready_load(const char *dir, int64_t now, auto_ready *ret, bool *ret_there,
                    ndr_error *err);

#endif
