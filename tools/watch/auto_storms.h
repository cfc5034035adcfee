/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_storms.h - which domains get many bounces of mail that they did not send? */
#ifndef AUTO_STORMS_H
#define AUTO_STORMS_H

#include "auto_list.h"
#include "ndrscan_stats.h"

/* A domain in a storm. */
typedef struct auto_storm {
    char domain[256];
    const auto_domain *listed; /* borrowed; NULL: no window of it opens itself */
    ndr_alarm at;
    int64_t off; /* when somebody ended a window of it, or NDR_TIME_UNKNOWN */
} auto_storm;

/* All zero: none. */
typedef struct auto_storms {
    auto_storm *row; /* owned */
    size_t count;
} auto_storms;

/* Those of now, by domain, into `ret`, which is all zero. 0, or an ndr_code. */
int auto_storms_find(ndr_counts_view *view, const auto_list *list, int64_t now,
                     auto_storms *ret, ndr_error *err);
/* Read in a history, which may be not there, when somebody ended a window of one, as far
 * back as that counts at `now`, and put the smallest first. 0, or what history_newest
 * says. */
int auto_storms_line_up(auto_storms *s, const char *path, int64_t now, ndr_error *err);
void auto_storms_free(auto_storms *s);

#endif
