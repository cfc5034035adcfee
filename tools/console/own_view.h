/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * own_view.h - what of the snapshot is a person's to see?
 *
 * Filtered before anything is counted or ranked: nothing of what a person is shown
 * depends on domains that are not theirs.
 */
#ifndef OWN_VIEW_H
#define OWN_VIEW_H

#include "ndr_admins.h"
#include "snapshot.h"

typedef struct own_view {
    const domain_view **row; /* worst first; owned, what it points to is the snapshot's */
    size_t count;
    domain_view *blank;         /* of domains of which nothing is known; owned */
    char *names;                /* theirs; owned */
    size_t many, blocked, calm; /* how many are in these states */
} own_view;

/* All domains of `who`, also those of which nothing is known yet; of the operator (NULL)
 * all of the snapshot. False: no memory. own_view_free it. */
bool own_view_make(own_view *ret, const snapshot *s, const ndr_admin *who);
void own_view_free(own_view *v);

/* The windows that cover a domain now: the person's own, which they may end, and
 * another's, of which nothing is told but until when; or NULL. */
typedef struct own_windows {
    const ndr_window *own, *provider;
} own_windows;
own_windows own_windows_of(const snapshot *s, const ndr_admin *who, const char *domain);

/* How a table of them is put in order. */
enum own_order { ORDER_STATE, ORDER_DOMAIN, ORDER_HOUR, ORDER_USUAL, ORDER_DAY };
/* Keep those with `word` in their name ("" all), and sort. */
void own_view_arrange(own_view *v, const char *word, enum own_order order);

#endif
