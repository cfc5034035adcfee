/* SPDX-License-Identifier: BSD-3-Clause */
/* plan_list.h - what do listing and looking again have in common? */
#ifndef NDR_PLAN_LIST_H
#define NDR_PLAN_LIST_H

#include "ndr_plan.h"

#include <sys/stat.h>

/* Size and time of a file. */
static inline void
ndr_plan_take_stat(ndr_plan_source *s, const struct stat *st)
{
    s->bytes = st->st_size > 0 ? (uint64_t)st->st_size : 0;
    s->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Fold a source into the stamp of its piece, 0 at first. */
uint64_t ndr_plan_stamp_add(uint64_t stamp, const ndr_plan *p, const ndr_plan_source *s);
/* Size and time of a source as they are now; UINT64_MAX bytes when it is gone. 0 or
 * NDR_E_NOMEM. */
int ndr_plan_look(const ndr_plan *p, ndr_plan_source *s, ndr_error *err);
/* The same of a Maildir, or of one leaf. */
int ndr_plan_look_maildir(const char *path, ndr_plan_source *s, ndr_error *err);

#endif
