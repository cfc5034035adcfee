/* SPDX-License-Identifier: BSD-3-Clause */
/* delivery_report.h - what does a report part state? (RFC 3464, 3463, 8098, 5965) */
#ifndef NDR_REPORT_H
#define NDR_REPORT_H

#include "base/arena.h"
#include "ndrscan.h"

enum {
    NDR_RECIPIENT_LIMIT = 10000,
    NDR_REPORT_LINES = 20000, /* of all parts together */
};

/* What the report parts of one message stated so far. Slices live in the arena. */
typedef struct ndr_report {
    ndr_slice reporting_mta, arrival_date;
    ndr_recipient *recipient; /* of the arena */
    size_t count, cap;
    enum ndr_kind kind; /* by Action, else by the part's type; NONE: not stated */
    bool has_action;    /* some recipient had an Action field */
    bool from_text;     /* the recipients were found in the text */
    bool cut;           /* there were more lines than are read */
    size_t lines;       /* read so far */
} ndr_report;

/*
 * Read one part's fields (decoded bytes): append each as "name: value\n" to
 * `lines`, and the facts to `r`. `type` is the part's media type. Lines beyond
 * NDR_REPORT_LINES are left out and `r->cut` says so.
 */
void ndr_report_read(ndr_report *r, ndr_slice type, ndr_slice fields, ndr_arena *a,
                     ndr_buffer *lines);

/* Keep a recipient (its slices must live as long); one over the limit is dropped. */
void ndr_report_keep(ndr_report *r, const ndr_recipient *row, ndr_arena *a);

/* Is this media type one that ndr_report_read understands? */
bool ndr_report_type(ndr_slice type);

#endif
