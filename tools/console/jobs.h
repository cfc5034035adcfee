/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * jobs.h - how far is what the mover does, and what came of it?
 *
 * A job is a pipe from the mover and what was read from it so far. Jobs are told by
 * number, which nobody can guess, and by who started them: a person finds no other's. The
 * last ones of each stay to be asked about.
 */
#ifndef JOBS_H
#define JOBS_H

#include "mover.h"

#include <poll.h>

enum { JOBS_KEPT = 256, JOBS_OF_ONE = 8, JOB_SAMPLES = 20, JOB_SPARED = 16 };

enum job_state { JOB_RUNNING, JOB_DONE, JOB_FAILED };

/* A message that a preview would move, or keep, and why. NUL-terminated, owned. */
typedef struct job_sample {
    char *path, *recipient, *reason;
} job_sample;

typedef struct job_list {
    job_sample row[JOB_SAMPLES];
    uint64_t count; /* of all, of which the first are in `row` */
} job_list;

typedef struct job {
    uint64_t id;                       /* by chance, what a double holds; 0: free */
    uint64_t order;                    /* in which they came, from 1 */
    char person[NDR_ADMIN_NAME_BYTES]; /* whose it is; "": the operator's */
    enum mover_what what;
    enum job_state state;
    int fd;            /* of the pipe, -1 once it has ended */
    ndr_buffer line;   /* what was read of the next line */
    uint64_t messages; /* read so far */
    uint64_t junked, released, left;
    uint64_t others;   /* of a preview: junk by windows that are open already */
    uint64_t releases; /* of a preview: that would come back */
    struct job_spared {
        char whose[16], proof[24]; /* "" without a proof */
        uint64_t bounces;
    } spared[JOB_SPARED]; /* that stay, though a window covers them */
    size_t spared_count;
    char run[80];         /* the journal's id of an apply or undo, "" until it is known */
    job_list junk, keep;  /* of a preview: by its window alone; to its domain */
    char domain[256];     /* whose row it was started from, or "" */
    bool subdomains;      /* of a preview: its window covers those too */
    bool kept;            /* for the loop: what came of it was taken up */
    char error[480];      /* the last words of a job that failed */
    ndr_buffer mailboxes; /* folders with junk, each with a NUL: counted once */
    uint64_t mailbox_count;
} job;

typedef struct jobs {
    job slot[JOBS_KEPT];
    uint64_t last; /* order */
} jobs;

/* Start one for `whose`, about his domain and, if said, those below it. *ret is good
 * until it is replaced by a newer one. NDR_E_LIMIT: an apply or undo of his runs already,
 * or too many jobs do. */
int jobs_start(jobs *all, mover *m, enum mover_what what, const mover_for *whose,
               ndr_slice words, const job **ret, ndr_error *err);
/* NULL when there is none of that number any more, or it is not this person's, which
 * takes as long. The operator (NULL) finds all. */
const job *jobs_find(const jobs *all, uint64_t id, const char *person);
/* Fill `fds` (room for JOBS_KEPT) with the pipes to poll; how many. */
size_t jobs_poll(const jobs *all, struct pollfd *fds);
/* Read what there is. */
void jobs_run(jobs *all);
/* As the API tells it: one JSON object. */
void job_json(const job *j, ndr_buffer *out);
void jobs_free(jobs *all);

#endif
