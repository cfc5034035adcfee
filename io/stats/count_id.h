/* SPDX-License-Identifier: BSD-3-Clause */
/* count_id.h - which bounce is it, when it is met again? */
#ifndef NDR_COUNT_ID_H
#define NDR_COUNT_ID_H

#include "ndrscan.h"

enum { NDR_COUNT_BELOW = 2 };

/*
 * A bounce is counted as `own`. It was counted before when its step has `own`, or one of
 * `below` (without such: `own` again): what its identity was before the last systems of
 * the receiving side took it, as a filter sees it. `former` is what files of version 1
 * know it by.
 */
typedef struct ndr_count_id {
    uint64_t own, below[NDR_COUNT_BELOW], former;
} ndr_count_id;

/* Thread: any. Cannot fail. */
ndr_count_id ndr_count_id_of(const ndr_message *m, const ndr_verdict *v);

#endif
