/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_open.h - all segments of a folder, opened. */
#ifndef SENT_OPEN_H
#define SENT_OPEN_H

#include "sent_segment.h"

typedef struct ndr_sent_segments {
    ndr_sent_segment *segment; /* owned, by name */
    size_t count;
    uint64_t bad; /* that could not be opened, each told */
} ndr_sent_segments;

/* As ndr_sent_open has it. */
int ndr_sent_segments_open(const ndr_sent_folder *f, ndr_sent_segments *ret,
                           ndr_sent_trouble *trouble, void *ctx, ndr_error *err);
void ndr_sent_segments_close(ndr_sent_segments *all);
/* Add one to what there is. */
void ndr_sent_segments_count(const ndr_sent_segment *g, ndr_sent_stats *st);

#endif
