/* SPDX-License-Identifier: BSD-3-Clause */
/* stat_crew.h - how large and how old are the files of a large folder? */
#ifndef NDR_STAT_CREW_H
#define NDR_STAT_CREW_H

#include "ahead.h"

typedef struct ndr_stat_row {
    bool there; /* a regular file: else the rest is 0 */
    uint64_t bytes;
    int64_t mtime_ns;
} ndr_stat_row;

/*
 * Look at `count` names in the folder open as `dir`, links not followed, by some threads
 * where that is worth it. The rows, to be freed; NULL: no memory. Thread: any.
 */
ndr_stat_row *ndr_stat_all(int dir, const ndr_found_name *name, size_t count);

#endif
