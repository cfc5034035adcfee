/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * merge.h - do these results make up one run, and what would that have written?
 *
 * First all end records are read and held against the plan; nothing is written when one
 * is missing or another's. Then the records are joined, in the order of the plan.
 */
#ifndef MERGE_H
#define MERGE_H

#include "out_dir.h"
#include "piece_text.h"

enum { EXIT_REFUSED = 65 }; /* sysexits.h, EX_DATAERR: another try finds the same */

/* What is known of one piece. */
typedef struct merge_piece {
    uint32_t dir; /* which of the folders has its result */
    bool zstd, broken, changed;
    bool dropped; /* behind a broken one of the same file: its records do not count */
    uint64_t until, records_bytes, records_hash;
    uint64_t messages, content;
    uint64_t index_base, offset_base;
    piece_counted counted;
} merge_piece;

typedef struct merge {
    plan_file plan;
    const char *const *path; /* the folders; borrowed */
    int *dir;
    size_t dirs;
    merge_piece *piece; /* one a piece of the plan */
    ndr_stats counts;   /* of all */
    tally tally;
    size_t refused, changed;
    end_judged_by judged_by; /* of the first that says it */
    enum ndr_output output;
} merge;

/*
 * Open the folders and find the plan: `plan_path`, or (NULL) the only one in them. 0, or
 * the exit status, told. merge_free it in any case.
 */
int merge_open(merge *m, const char *const *path, size_t count, const char *plan_path);
/* Hold all results against the plan. 0, or the exit status, each refusal told by name. */
int merge_check(merge *m);
/* Write the records to `put`, `unordered`: as they lie. 0, or the exit status, told. */
int merge_write(const merge *m, bool unordered,
                int (*put)(void *ctx, ndr_slice bytes, ndr_error *err), void *ctx);
void merge_free(merge *m);

#endif
