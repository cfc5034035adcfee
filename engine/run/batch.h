/* SPDX-License-Identifier: BSD-3-Clause */
/* batch.h - what does the run do with a batch between its hands? */
#ifndef NDR_BATCH_H
#define NDR_BATCH_H

#include "ndrscan.h"

/* One source that could not be read, as noted by ndr_batch_trouble. */
typedef struct ndr_trouble {
    struct ndr_trouble *next;
    char *source; /* both in the same allocation as the row */
    char *text;
    int sys_errno; /* of a system error, else 0 */
} ndr_trouble;

/* Make a slot ready for the next fill: nothing rendered, marked or noted. */
void ndr_batch_reset(ndr_batch *b);
/* Free what the run's part of a slot holds (not `work`). */
void ndr_batch_free(ndr_batch *b);

#endif
