/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_trouble.h - was it the mail that was amiss, or the way to it?
 *
 * For the tools; not installed.
 */
#ifndef NDR_TROUBLE_H
#define NDR_TROUBLE_H

#include "ndrscan_run.h"

/* The errno of the first system error that was noted on a batch (ndr_batch_trouble): what
 * it is of was not read, and may be another time. 0: there was none. Thread: whoever has
 * the batch. */
NDR_API int ndr_batch_unread(const ndr_batch *b);

#endif
