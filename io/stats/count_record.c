/* SPDX-License-Identifier: BSD-3-Clause */
/* count_record.c - see count_record.h. */
#include "count_record.h"
#include "ndr_count_list.h"
#include "ndrscan_stats.h"

#include <string.h>

enum { LENGTH = 2, STEP = 8, REST = NDR_COUNT_RECORD_LEAST - LENGTH - STEP };
#define SIGN (UINT64_C(1) << 63)

/* 0: it was not asked; else 1 + the row of the table. */
static uint32_t
whose_of(const ndr_evidence *e)
{
    if (e == NULL)
        return 0;
    return e->whose == NDR_WHOSE_UNKNOWN && e->judged ? 1 + NDR_WHOSE_COUNT
                                                      : 1 + (uint32_t)e->whose;
}

bool
ndr_counted_of(const ndr_message *m, const ndr_verdict *v, ndr_counted *ret)
{
    if (v->arrived == NDR_TIME_UNKNOWN)
        return false;
    const int64_t off = (v->arrived % NDR_STEP_S + NDR_STEP_S) % NDR_STEP_S;
    *ret = (ndr_counted){
        .step = v->arrived - off,
        .id = ndr_count_id_of(m, v),
        .domain = v->domain,
        .what = (uint32_t)v->kind * 2 + (v->decision == NDR_JUNK) +
                whose_of(v->evidence) * (NDR_COUNT_BELOW_WHOSE + 1),
    };
    return true;
}

static unsigned char *
put(unsigned char *at, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(v >> (8 * (bytes - 1 - i)));
    return at + bytes;
}

static uint64_t
take(const unsigned char **at, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | *(*at)++;
    return v;
}

bool
ndr_counted_put(const ndr_counted *c, ndr_buffer *out)
{
    const size_t len = NDR_COUNT_RECORD_LEAST + c->domain.len;
    unsigned char fixed[NDR_COUNT_RECORD_LEAST];
    if (len > NDR_COUNT_RECORD_MOST)
        return false;
    unsigned char *at = put(fixed, len, LENGTH);
    at = put(at, (uint64_t)c->step ^ SIGN, STEP);
    at = put(at, c->id.own, 8);
    at = put(at, c->what, 4);
    for (size_t i = 0; i < NDR_COUNT_BELOW; i++)
        at = put(at, c->id.below[i], 8);
    (void)put(at, c->id.former, 8);
    ndr_buffer_add(out, (ndr_slice){fixed, sizeof fixed});
    ndr_buffer_add(out, c->domain);
    return true;
}

size_t
ndr_counted_take(ndr_slice bytes, ndr_counted *ret)
{
    const unsigned char *at = bytes.ptr;
    if (bytes.len < NDR_COUNT_RECORD_LEAST)
        return 0;
    const size_t len = (size_t)take(&at, LENGTH);
    if (len < NDR_COUNT_RECORD_LEAST || len > bytes.len)
        return 0;
    ret->step = (int64_t)(take(&at, STEP) ^ SIGN);
    ret->id.own = take(&at, 8);
    ret->what = (uint32_t)take(&at, 4);
    for (size_t i = 0; i < NDR_COUNT_BELOW; i++)
        ret->id.below[i] = take(&at, 8);
    ret->id.former = take(&at, 8);
    ret->domain = (ndr_slice){at, len - NDR_COUNT_RECORD_LEAST};
    return len;
}

static ndr_slice
domain_of(const unsigned char *record)
{
    const unsigned char *at = record;
    const size_t len = (size_t)take(&at, LENGTH);
    return (ndr_slice){record + NDR_COUNT_RECORD_LEAST, len - NDR_COUNT_RECORD_LEAST};
}

int
ndr_counted_compare(const unsigned char *a, const unsigned char *b)
{
    int c = memcmp(a + LENGTH, b + LENGTH, STEP);
    if (c == 0)
        c = ndr_slice_compare(domain_of(a), domain_of(b));
    return c != 0 ? c : memcmp(a + LENGTH + STEP, b + LENGTH + STEP, REST);
}

enum ndr_count_noted
ndr_count_note(const ndr_message *m, const ndr_verdict *v, ndr_buffer *out)
{
    ndr_counted c;
    if (v->decision == NDR_NONE)
        return NDR_COUNT_NOTHING;
    return ndr_counted_of(m, v, &c) && ndr_counted_put(&c, out) ? NDR_COUNT_NOTED
                                                                : NDR_COUNT_NOT;
}

size_t
ndr_count_record_length(ndr_slice bytes)
{
    ndr_counted c;
    return ndr_counted_take(bytes, &c);
}
