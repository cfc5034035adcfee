/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count_record.h - what of a bounce is counted, and how is it kept to be counted later?
 *
 * A record: its length in two bytes, the highest first, then
 *
 *   step 8   own 8   what 4   below 2 * 8   former 8   the domain
 *
 * numbers with the highest byte first, the step with its sign turned, so that bytes are
 * compared as numbers are.
 */
#ifndef NDR_COUNT_RECORD_H
#define NDR_COUNT_RECORD_H

#include "count_id.h"

enum {
    NDR_COUNT_WHOSE_AT = 8, /* bits of `what` that are below whose mail came back */
    NDR_COUNT_BELOW_WHOSE = (1 << NDR_COUNT_WHOSE_AT) - 1,
    NDR_COUNT_RECORD_LEAST = 2 + 8 + 8 + 4 + 8 * NDR_COUNT_BELOW + 8,
    NDR_COUNT_RECORD_MOST = UINT16_MAX,
};

/* One bounce. */
typedef struct ndr_counted {
    int64_t step; /* the first second of its step */
    ndr_count_id id;
    ndr_slice domain; /* borrowed */
    uint32_t what; /* kind * 2 + junk, and above NDR_COUNT_WHOSE_AT, where it was asked,
                      1 + the row of whose mail came back */
} ndr_counted;

/* False: it is undated. What is no bounce must not be asked. Thread: any. */
bool ndr_counted_of(const ndr_message *m, const ndr_verdict *v, ndr_counted *ret);
/* Append its record. False: its domain is too long for one. */
bool ndr_counted_put(const ndr_counted *c, ndr_buffer *out);
/* The record at the beginning of `bytes`, whose domain stays there: how long it is, or 0:
 * there is no whole one. */
size_t ndr_counted_take(ndr_slice bytes, ndr_counted *ret);
/* Of two whole records: by step, domain and identity, then by the rest. */
int ndr_counted_compare(const unsigned char *a, const unsigned char *b);

#endif
