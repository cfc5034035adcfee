/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * end_record.h - what does the last line of a piece's result say?
 *
 * One JSON object: which piece it is, what it was made of and with, and what was seen.
 * Nothing in it depends on when or where it was made. ndrscan-cluster(7) has its fields.
 */
#ifndef END_RECORD_H
#define END_RECORD_H

#include "ndr_plan.h"
#include "piece_counts.h"
#include "settings.h"
#include "tally.h"

enum { END_RECORD_VERSION = 1 };

typedef struct end_trouble {
    char *source, *text; /* owned */
} end_trouble;

/* The counts of weak proofs that verdicts were given by, united; not known: none were. */
typedef struct end_judged_by {
    bool known;
    uint64_t sum;
} end_judged_by;

typedef struct end_record {
    uint64_t id[2];
    uint64_t stamp;   /* of its sources, when they were read */
    uint64_t sum;     /* of their bytes */
    uint64_t content; /* bytes, decoded where they are shared out as frames */
    uint64_t records_bytes, records_hash;
    bool broken; /* decoding broke off: what is behind it in the file does not count */
    bool lied;   /* the seek table is not of its frames */
    ndr_stats counts; /* but for what a tally holds */
    tally tally;
    piece_counted counted; /* beside it, in a file of its own */
    end_judged_by judged_by;
    end_trouble *trouble;
    size_t trouble_count;
    settings settings;
} end_record;

/* As one line without its end, appended to `out`; `name` and `piece` are for people. */
void end_record_write(const end_record *e, const char *name, const ndr_plan_piece *piece,
                      ndr_buffer *out);
/* 0; NDR_E_DAMAGED: it is none; NDR_E_LIMIT: of a newer version; NDR_E_NOMEM. */
int end_record_read(ndr_slice line, end_record *ret, ndr_error *err);
/* Both are owned copies. False: no memory. */
bool end_record_trouble(end_record *e, const char *source, const char *text);
void end_record_free(end_record *e);

#endif
