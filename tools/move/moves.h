/* SPDX-License-Identifier: BSD-3-Clause */
/* moves.h - what do the verbs share that move mail by the journal? */
#ifndef MOVES_H
#define MOVES_H

#include "app/opts.h"
#include "app/progress.h"
#include "ndrscan_move.h"
#include "only.h"

enum moves_output { MOVES_TABLE, MOVES_JSONL, MOVES_SILENT };

typedef struct moves {
    const char *journal_path; /* of --journal, or NULL */
    bool as_owner, dry_run, quiet;
    enum moves_output output;
    enum progress_how progress;
    ndr_journal *journal;
    const char *shown; /* the Maildir at hand as the operator named it */
    ndr_buffer out;    /* records not yet written */
    bool out_failed, out_broken;
    uint64_t messages; /* examined so far; of undo: 0 */
    uint64_t junked, released, left;
    double begun, told; /* seconds, monotonic; 0: not yet */
    uint64_t failed;    /* Maildirs that could not be handled */
    bool busy;          /* one of them is being worked on by another run */
    uint32_t uid, gid;  /* whose rights are taken, with as_owner */
    only only;          /* of --only-domain */
} moves;

/* Take one option: 0; 1 when it is not one of these; or 2, told. */
int moves_option(moves *v, const opts *o, int id, const char *arg);
/* Open the journal: 0, or the exit status, told. */
int moves_open(moves *v, bool change);
/* As that; but a journal that is not there is not made: a named one is an error, told. */
int moves_open_old(moves *v, bool change);
void moves_close(moves *v);
/* For ndr_mover_opts.tell; ctx is the moves. */
void moves_tell(void *ctx, const ndr_moved *m);
/* Tell, in the records, of a message that stays: what a dry run answers for it. */
void moves_keep(moves *v, const char *from, const ndr_move_note *note);
/* Tell how far the run is, with --progress=json, once a second at the most. */
void moves_tick(moves *v);
/* The JSON object with type "end" begins; a verb's own members come behind that. */
void moves_begin_end_json(const moves *v, ndr_buffer *line);
/* What all verbs tell in it, and its end: it is written and freed. `id` of the run, or
 * NULL. */
void moves_end_json(const moves *v, ndr_buffer *line, const char *id);
/* For ndr_mover_opts.at_journal. */
int moves_at_journal(void *ctx, bool enter, ndr_error *err);
/* Tell that a Maildir cannot be handled. */
void moves_fail(moves *v, const char *maildir, const ndr_error *err);
/*
 * Take the rights that a Maildir is to be worked with: 0; 1: it cannot be, told. Asked
 * for a Maildir of somebody else as root without --as-owner, 2, told.
 */
int moves_take(moves *v, const char *maildir, uint32_t uid, uint32_t gid);
void moves_leave(moves *v);
/* Write the records that are left: the exit status so far, or 2, told. */
int moves_finish(moves *v, int status);

#endif
