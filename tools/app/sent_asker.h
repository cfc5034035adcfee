/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_asker.h - was it sent by us, as far as is remembered by now? */
#ifndef SENT_ASKER_H
#define SENT_ASKER_H

#include "ndrscan_proof.h"

typedef struct sent_asker sent_asker;

/*
 * Open the set of what was sent in folder `dir`. Where it is not there, that is an error
 * if it is `wanted`; else there is no asker (*ret NULL), or, for one that `grows`, one
 * that knows nothing yet: such a one looks again, at most every ten seconds, for what was
 * added. Segments that cannot be used are told and left out. 0 or an ndr_code.
 */
int sent_asker_open(const char *dir, bool wanted, bool grows, sent_asker **ret,
                    ndr_error *err);
void sent_asker_close(sent_asker *a); /* NULL allowed */
/* The ndr_sent_fn for it; `ctx` is the asker. Thread: any. */
int sent_asker_ask(void *ctx, ndr_slice id, ndr_slice domain, ndr_slice recipient,
                   int64_t bounced, int days);

#endif
