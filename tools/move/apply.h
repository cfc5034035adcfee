/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * apply.h - what do the parts of `ndrscan apply` share?
 *
 *   cmd_apply       options, rights, and the run over all Maildirs
 *   apply_maildir   what of a Maildir is read, and how
 *   apply_decide    is there anything to do about a message? (workers)
 *   apply_act       it is done, in the order of the input
 */
#ifndef APPLY_H
#define APPLY_H

#include "app/count_run.h"
#include "app/progress.h"
#include "app/proof_counts.h"
#include "app/setup.h"
#include "judge_again.h"
#include "junked.h"
#include "maildirs.h"
#include "moves.h"
#include "put_back.h"
#include "scan/verdict_file.h"
#include "spared.h"

typedef struct apply {
    ndr_sink port; /* first: the run sees this */
    setup setup;
    moves moves;
    maildirs maildirs;
    const char *junk_asked, *verdicts_path, *try_path; /* or NULL */
    ndr_window_table *tried;                           /* of --try, else NULL */
    bool recursive, junk_only, release_only, again;
    unsigned threads;
    uint64_t
        cold_limit_bytes;   /* of the Maildirs that are still to be read; 0: the rule */
    verdict_file *verdicts; /* of --from-verdicts, else NULL */
    ndr_mover *mover;
    ndr_stats total; /* counts of messages, bounces and damaged sources only */
    /* the Maildir at hand */
    const maildir *at;
    bool several;  /* it is of several domains, so scan by paths may say otherwise */
    size_t prefix; /* bytes of its path in front of a message's */
    strings junk;  /* its Junk folder, and others that runs moved to */
    junked junked;
    struct back {
        const junked_row *row;
        ndr_move_note note; /* one allocation, at `why` */
    } * back; /* what goes back once all is read, so that nothing is read twice */
    size_t back_count, back_cap;
    put_back put_back;
    uint64_t own_bounces; /* where those of some domains alone count */
    uint64_t undone;      /* messages that stay, since undo put them back */
    spared spared;        /* that stay for whose mail came back */
    proof_counts counts;
    judge_again weak; /* what would stay by a weak proof */
    bool last;        /* that is judged, by all there is to count */
    progress progress;
    const char *stats_path;
    stats stats;
} apply;

/* What apply_commit acts on: one a message in question, kept beside the batch's bytes. */
typedef struct apply_record {
    enum ndr_decision decision;
    bool tried; /* junk by a window of --try alone */
    bool damaged, whole_file;
    bool bounce;  /* to be counted, where those of some domains alone are */
    bool agreed;  /* path and header both name its domain */
    bool planned; /* it stays, and whoever reads the plan is told of it */
    bool spared;  /* it stays for whose mail came back */
    bool weak;    /* by a weak proof */
    enum ndr_whose whose;
    const char *proof;           /* static; of `spared`, or NULL */
    const ndr_journal_run *undo; /* that put it back, to stay; else NULL */
    uint64_t length;
    size_t rel, id, to, why, domain; /* offsets in the batch's bytes, a NUL behind each */
    size_t id_bytes;
} apply_record;

/* Does a message of the Maildir at hand lie in its Junk folder? */
bool apply_in_junk(const apply *a, const char *rel);
/* Whether a program reads what would be done, and of what would stay. */
bool apply_is_planned(const apply *a);
/* The windows in force, or NULL. */
const ndr_windows *apply_windows(const apply *a);

/* The sink: keep what apply_commit acts on, if there is anything. Thread: any. */
int apply_render(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
                 const ndr_verdict *verdict, ndr_error *err);
int apply_commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err);
/* Bring back what apply_commit put by, unless `code` says that the run is over; and
 * forget it. `code`, or that of what failed. */
int apply_bring_back(apply *a, int code, ndr_error *err);

/* The Maildir `at`. 0, or an ndr_code that ends the run; its own troubles are told. */
int apply_maildir(apply *a, ndr_error *err);

#endif
