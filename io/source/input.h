/* SPDX-License-Identifier: BSD-3-Clause */
/* input.h - what is at hand of all that is to be read: named, or planned? */
#ifndef NDR_INPUT_H
#define NDR_INPUT_H

#include "large_file.h"
#include "ndr_plan.h"
#include "path_run.h"
#include "work.h"

/* What fill answers itself: below 0 is an ndr_code. */
enum { NDR_FILL_NOTHING = 0, NDR_FILL_FILLED = 1, NDR_FILL_GO_ON = 2 };

/* The pieces of a plan that are to be read; plan NULL: what is named is. */
typedef struct ndr_input_planned {
    const ndr_plan *plan; /* borrowed */
    const size_t *todo;   /* borrowed, ascending */
    size_t todo_count;
    size_t at;          /* in todo: the piece at hand */
    bool begun;         /* it is at hand; else it comes next */
    bool first;         /* no batch of it was filled yet */
    uint32_t source;    /* of it: the one that comes next */
    uint32_t run_first; /* the source that the first path of the run is */
    uint64_t stamp;     /* of it, as its sources are */
    ndr_place *folder;  /* of the members at hand; NULL: none */
    uint64_t summed;    /* of the stream at hand: so much is in a sum */
} ndr_input_planned;

typedef struct ndr_input {
    ndr_source port;
    ndr_limits limits;
    ndr_large_slot room; /* for large messages */
    ndr_pool pool;
    const char *const *path;
    size_t path_count, path_at;
    ndr_wake wake;
    uint64_t stream;

    bool read_ahead;
    const char *files_from; /* NULL when it is read or there is none */
    bool files_from_nul, listing;
    ndr_list list;

    ndr_path_run run; /* the paths at hand: named, listed, or of a plan */
    bool run_listed;  /* a list names them */
    int run_end;      /* how reading the list ended behind them, and why */
    ndr_error run_why;
    ndr_walk walk;    /* the folders at hand */
    ndr_ahead *ahead; /* reads their files before the workers; or NULL */
    ndr_place *range; /* the mbox at hand */
    uint64_t range_at, range_until, range_bytes;
    enum ndr_marks marks; /* of it, or of what is in the frames at hand */
    ndr_fetcher fetch;    /* of either */
    ndr_page_cache cache;
    ndr_place *frames; /* the zstd file at hand that others decode */
    ndr_zstd_walk frames_walk;
    uint64_t frames_bytes, frames_limit;
    bool frames_lied;           /* a walk did not end where its piece does */
    ndr_zstd_link *frames_link; /* of the range before */
    ndr_place *packed;          /* the stream at hand */
    uint64_t packed_bytes;
    ndr_packer packer;
    ndr_input_planned planned;

    atomic_uint_least64_t total; /* bytes of input known */
    atomic_bool total_open;      /* there is more than that */
} ndr_input;

/* Content of zstd frames handed to one worker: what must be decoded behind a range, to
 * see its last message's end, is to be little beside it. */
uint64_t ndr_input_frames_bytes(const ndr_input *in);
/*
 * Take up a large file as ranges or as a stream: 1; 0 when it is one message,
 * and better left to a worker; or an ndr_code. `shown` is its path; the file is
 * opened as `name` in `dir`.
 */
int ndr_input_begin_large(ndr_input *in, int dir, const char *name, const char *shown,
                          bool named, ndr_error *err);
/* Whether a batch of names can take one that was found like this. */
bool
ndr_input_names_fit(const ndr_work *w, const ndr_place *folder, enum ndr_finding finding);
/* `files`: how many there are in the folder, or were named. */
int ndr_input_add_name(ndr_work *w, ndr_place *folder, enum ndr_finding finding,
                       const char *name, size_t files, ndr_error *err);
/* Whether path `at` of the run at hand can go into a batch of names: who reads ahead
 * counts them on from the batch's first. */
bool ndr_input_run_fits(const ndr_input *in, const ndr_work *w, size_t at);
/* Is what is at it known from who reads ahead? Then it is a file, and *ret has its size.
 */
bool ndr_input_run_knows(const ndr_input *in, size_t at, struct stat *ret);
/* It will be the next name of the batch. */
void ndr_input_run_take(ndr_input *in, ndr_work *w, size_t at);

/* ---- named (input_named.c) ------------------------------------------------------ */

/* One file of the folder at hand: FILLED when the batch must go first, or GO_ON. */
int ndr_input_fill_name(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                        ndr_error *err);
/* The next folder of the walk. GO_ON, or NDR_E_NOMEM. */
int ndr_input_step_walk(ndr_input *in, ndr_batch *b, ndr_error *err);
/*
 * See that there is a next named path, in the run at hand: 1; 0 when there is none;
 * NDR_FEED_WAIT when the list would block and `wait` is not set; or NDR_E_NOMEM.
 */
int ndr_input_find_path(ndr_input *in, ndr_batch *b, bool wait, ndr_error *err);
/* Take it up: FILLED when the batch must go first, or GO_ON. */
int ndr_input_begin_path(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                         ndr_error *err);

/* ---- planned (input_plan.c) ---------------------------------------------------- */

/* The batch is about the piece at hand. */
void ndr_input_plan_mark(ndr_input *in, ndr_work *w);
/* Take up the next source of the plan. Answers as fill does. */
int ndr_input_plan_step(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                        ndr_error *err);
/* The stream at hand was read on, or, `ended`, will not be: what of it is new is added to
 * the batch's sum. 0 or an ndr_code. */
int ndr_input_plan_stream(ndr_input *in, ndr_batch *b, ndr_work *w, bool ended,
                          ndr_error *err);

#endif
