/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * out_dir.h - how do the results of pieces come into a folder, one by one and whole?
 *
 *   DIR/plan-HASH                       what its pieces are pieces of
 *   DIR/ab/abcdef....jsonl              the result of a piece, by its id: 256 folders
 *   DIR/ab/abcdef....counts             its bounces, to be counted: piece_counts.h
 *   DIR/ab/abcdef....proofs             in the place of a result, of who counts weak
 *                                       proofs first: piece_proofs.h
 *
 * A run is one stream of batches, in the order of the pieces; where a batch is of another
 * piece than the one before, that has been finished.
 */
#ifndef OUT_DIR_H
#define OUT_DIR_H

#include "end_record.h"
#include "plan_file.h"

enum { RESULT_NAME_BYTES = 64 };

/* "ab/abcdef....jsonl" or .jsonl.zst. */
void result_name(const ndr_plan_piece *piece, const char *output, bool zstd,
                 char ret[RESULT_NAME_BYTES]);
/*
 * Read the end record of the piece's result in the folder `dir`, compressed or not. 1;
 * 0: there is none; NDR_E_DAMAGED, NDR_E_LIMIT: what is there is none; NDR_E_SYS;
 * NDR_E_NOMEM. *ret_fd (-1 but for 1) is the caller's to close, *ret_until where the
 * records end; ret_fd NULL: neither is wanted.
 */
int result_read(int dir, const ndr_plan_piece *piece, const char *output, end_record *ret,
                int *ret_fd, bool *ret_zstd, uint64_t *ret_until, ndr_error *err);

/* The name that messages of it are told by: its source, or the first of several. */
const char *piece_name(const ndr_plan *p, const ndr_plan_piece *piece);
/* Tell why it cannot be used, with the name of its result. */
void piece_refuse(const ndr_plan *p, const ndr_plan_piece *piece, const char *output,
                  const char *why);

typedef struct out_dir out_dir;

/* How a run writes. All is borrowed until out_dir_close. */
typedef struct out_dir_opts {
    const plan_file *plan;
    const char *path;
    enum ndr_output output;
    bool zstd;
    const ndr_windows *windows; /* or NULL */
    const setup *count_first;   /* weak proofs are counted by it, nothing is judged; or
                                   NULL */
} out_dir_opts;

/* Open the folder, made with those above it, and put the plan into it. 0 or an ndr_code.
 */
int out_dir_open(const out_dir_opts *how, out_dir **ret, ndr_error *err);
/* Its descriptor, which it keeps. */
int out_dir_folder(const out_dir *d);
/* Verdicts are given with these counts of weak proofs, united (their XXH3). */
void out_dir_judge_by(out_dir *d, uint64_t proofs);

/* Is the piece's result there, of what its sources are now, or were for the plan, and
 * made as the plan has it? `verify`: its sources' bytes are read again. 1, 0, or an
 * ndr_code. */
int out_dir_has(out_dir *d, size_t piece, bool verify, ndr_error *err);

/*
 * A source that tells which piece each worker is at, around one of ndr_input_open_plan,
 * which it closes; and the sink. Both end with the run, before out_dir_close.
 */
void out_dir_source(out_dir *d, ndr_source *in, ndr_source **ret);
int out_dir_sink(out_dir *d, ndr_sink **ret, ndr_error *err);
/* For ndr_run_opts: what a run counts, finds amiss and looks at. */
void out_dir_look(const out_dir *d, const ndr_message *m, const ndr_verdict *v);
void out_dir_progress(out_dir *d, const ndr_stats *so_far);
int out_dir_trouble(out_dir *d, const char *source, const char *text);
/* For who counts: an ndr_prove_fn, `ctx` is not looked at. */
int out_dir_prove(void *ctx, ndr_slice header, const ndr_returned_bytes *returned,
                  const ndr_verdict *v, ndr_evidence *ret, ndr_error *err);
/* All of the run's pieces have been read: finish the last one. 0 or an ndr_code. */
int out_dir_finish(out_dir *d, ndr_error *err);
/* Pieces finished so far. */
size_t out_dir_finished(const out_dir *d);
/* Pieces that have no result, because a source of theirs could not be read; and *ret,
 * why: of several reasons one that another try may mend. */
size_t out_dir_unread(const out_dir *d, ndr_error *ret);
void out_dir_close(out_dir *d); /* NULL allowed */

#endif
