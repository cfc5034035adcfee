/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * auto_in_force.h - of which domains may windows open themselves now?
 *
 *   the operator's list --,
 *   wishes of the page ---+--> list, at each look --> what the page is told
 * (auto_ready.h) admins.yaml ----------'
 */
#ifndef AUTO_IN_FORCE_H
#define AUTO_IN_FORCE_H

#include "auto_list.h"
#include "ndrscan_rules.h"

typedef struct auto_in_force {
    const char *path; /* the operator's list; NULL: no window opens itself */
    auto_list list;   /* in force */
    auto_list file;   /* as the operator wrote it */
    ndr_admins_watch *people;
    char trouble[sizeof((ndr_error *)NULL)->text]; /* told, of the list */
    uint64_t print;                                /* of what the page was told */
    bool untold; /* the page cannot be told: it was said */
} auto_in_force;

/* Begin, and look whether all is in order. `admins` NULL: wishes of people do not count.
 * 0, or an ndr_code. */
int auto_in_force_begin(auto_in_force *f, const char *path, const char *admins,
                        ndr_error *err);
void auto_in_force_end(auto_in_force *f);
/* Read all of it again, with the wishes in `windows`. A bad edit of the list is told, and
 * the old one stays; where wishes cannot be read, none counts: an ndr_code. */
int auto_in_force_look(auto_in_force *f, const char *windows, ndr_error *err);
/* Tell the page, by a file in `windows`. `who` may be NULL. */
void auto_in_force_tell(auto_in_force *f, const char *windows,
                        const ndr_identity_table *who, bool dry, int64_t now);

#endif
