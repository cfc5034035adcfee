/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces.h - how is one scan shared out among many machines? */
#ifndef PIECES_H
#define PIECES_H

#include "app/opts.h"
#include "app/progress.h"
#include "app/setup.h"

/* What the options of `scan` ask for. All zero: a run of its own. */
typedef struct pieces {
    const char *plan_dir, *shard, *out_dir;
    bool list, zstd, verify, force;
    bool count_first;    /* of a plan: weak proofs are counted before verdicts are given;
                            of who follows one: they are counted now */
    int64_t piece_bytes; /* 0: the default */
    int given;           /* an option that a plan holds already, or 0 */
} pieces;

/* The rest of what `scan` was asked for. */
typedef struct pieces_run {
    opts *o;
    setup *setup;
    ndr_input_opts *input;
    enum ndr_output output;
    enum ndr_emit emit;
    unsigned threads; /* 0: as many as there are CPUs */
    enum progress_how progress_how;
    bool quiet;
    const char *stats_path; /* of --stats, or NULL */
} pieces_run;

/* Take one option: 0; 1 when it is none of these; or 2, told. */
int pieces_option(pieces *p, const opts *o, int id, const char *arg);
/* Is the scan to be shared out, or prepared for that? */
bool pieces_asked(const pieces *p);
/* Plan, list, or scan the pieces of one shard. The exit status. */
int pieces_scan(const pieces *p, pieces_run *run);

#endif
