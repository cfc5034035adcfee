/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_plan.h - which pieces does mail fall into, whoever scans them?
 *
 *   operands -> sources, in the order of one run -> pieces: a part of one, or a few small
 *
 * The pieces depend on the mail alone, never on how many share it out: what one machine
 * has done stays of use whatever comes. For the tools; not installed.
 */
#ifndef NDR_PLAN_H
#define NDR_PLAN_H

#include "ndrscan_io.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NDR_PLAN_BLOCK_BYTES = 1 << 20,   /* of stored bytes that have a sum of their own */
    NDR_PLAN_PIECE_LEAST = 1 << 20,   /* bytes of a piece, at least */
    NDR_PLAN_PIECE_BYTES = 256 << 20, /* where nothing else is said */
    NDR_PLAN_BUNDLE_SHARE = 8,        /* a bundle of small sources ends at this part */
    NDR_PLAN_BUNDLE_FILES = 16384,    /* or with so many files */
    NDR_PLAN_MARKS_MOST = 2,          /* of ndr_plan_source.marks */
};

enum ndr_plan_what {
    NDR_PLAN_FILE,    /* one that was named */
    NDR_PLAN_MEMBER,  /* one of a folder of message files */
    NDR_PLAN_MAILDIR, /* the cur and new of a folder */
    NDR_PLAN_LEAF,    /* a cur or new that was named itself */
    NDR_PLAN_RANGE,   /* the messages that begin in [from, until) of a plain mbox */
    NDR_PLAN_FRAMES,  /* those that begin in the content of zstd frames stored there */
    NDR_PLAN_WHAT_COUNT
};
/* The word for it: "file", "member", "maildir", "leaf", "range", "frames". Static. */
NDR_API const char *ndr_plan_what_name(enum ndr_plan_what what);

typedef struct ndr_plan_source {
    size_t path;      /* in plan->names, NUL-terminated: as its records call it */
    uint64_t bytes;   /* of the file; of a Maildir: of its files */
    int64_t mtime_ns; /* of the file */
    uint64_t
        listing; /* of a Maildir: XXH3 of its files' names, sizes and times; else 0 */
    uint64_t from, until;
    uint64_t lead; /* of frames: one before `from` that tells how content there begins */
    uint32_t operand; /* from 0; those of a list have the number behind the last one */
    uint32_t name;    /* path + name is what stands behind the operand; "" for itself */
    uint32_t files;   /* in its folder, or that were named: what each may expand to */
    uint8_t what;     /* enum ndr_plan_what */
    bool in_folder;   /* not named itself: links are not followed */
    bool of_table;    /* frames as the file's seek table has them: to be checked */
    uint8_t marks;    /* of a range or frames: enum ndr_marks */
} ndr_plan_source;

/* What one worker does at a time, and has one result. */
typedef struct ndr_plan_piece {
    uint64_t id[2];  /* XXH3 of operand number, name and number, seeds 0 and 1 */
    uint64_t stamp;  /* of its sources' names, sizes and times: see ndr_plan_stamp */
    uint64_t bytes;  /* as stored */
    uint64_t number; /* in its source, from 0 */
    uint32_t first, count; /* of its sources */
    bool partial;          /* it is not all of its source */
} ndr_plan_piece;

typedef struct ndr_plan_trouble {
    size_t path, text; /* in plan->names */
} ndr_plan_trouble;

typedef struct ndr_plan {
    ndr_buffer names;
    ndr_plan_source *source;
    size_t source_count, source_cap;
    ndr_plan_piece *piece; /* in the order of one run */
    size_t piece_count, piece_cap;
    ndr_plan_trouble *trouble; /* what could not be listed, in order */
    size_t trouble_count, trouble_cap;
} ndr_plan;

static inline const char *
ndr_plan_text(const ndr_plan *p, size_t at)
{
    return (const char *)p->names.ptr + at;
}

typedef struct ndr_plan_opts {
    size_t size; /* NDR_SIZED(ndr_plan_opts) */
    const ndr_input_opts *input;
    uint64_t piece_bytes; /* 0: NDR_PLAN_PIECE_BYTES */
    bool walk_frames;     /* find the frames of zstd files; else their seek table tells */
    const ndr_stop *stop; /* may be NULL */
} ndr_plan_opts;

/*
 * List what `input` names. Standard input cannot be planned (NDR_E_SYNTAX). What cannot
 * be listed is kept as trouble. 0 and *ret (ndr_plan_clear it), NDR_E_STOPPED,
 * NDR_E_NOMEM. Thread: any.
 */
NDR_API int ndr_plan_list(const ndr_plan_opts *opts, ndr_plan *ret, ndr_error *err);
NDR_API void ndr_plan_clear(ndr_plan *p);

/* For who makes a plan of what is written down: all zero, then in order. False: no
 * memory. ndr_plan_add_piece closes the sources added since as one piece. */
NDR_API bool ndr_plan_add_text(ndr_plan *p, ndr_slice text, size_t *ret);
NDR_API bool ndr_plan_add_source(ndr_plan *p, const ndr_plan_source *s);
NDR_API bool
ndr_plan_add_piece(ndr_plan *p, uint64_t number, bool partial, uint64_t stamp);
NDR_API bool ndr_plan_add_trouble(ndr_plan *p, ndr_slice path, ndr_slice text);

/* The stamp of a piece as its sources are now: what is gone has one of its own. */
NDR_API int
ndr_plan_stamp(const ndr_plan *p, size_t piece, uint64_t *ret, ndr_error *err);
/*
 * The sum of a piece's stored bytes, read anew: of each source that is no Maildir the
 * XXH3 of each NDR_PLAN_BLOCK_BYTES from its beginning (or `from`), seeded by 2^40 times
 * the source's number in the piece and the block's, added up. 0, NDR_E_SYS, NDR_E_NOMEM.
 */
NDR_API int ndr_plan_sum(const ndr_plan *p, size_t piece, uint64_t *ret, ndr_error *err);

/* ---- scanning pieces ------------------------------------------------------------- */

/*
 * A source of the pieces todo[0, count), ascending; all is borrowed until close. `opts`
 * as for ndr_input_open, but for its paths and list. Otherwise as ndr_input_open; a
 * message's index and, of frames, its offset count from the beginning of its piece.
 */
NDR_API int
ndr_input_open_plan(const ndr_input_opts *opts, const ndr_plan *plan, const size_t *todo,
                    size_t count, ndr_source **ret, ndr_error *err);

/* What a batch of such a source adds to its piece, once it has been scanned. */
typedef struct ndr_plan_batch {
    size_t piece;     /* in the plan */
    uint64_t sum;     /* as ndr_plan_sum: the pieces' batches add up to it */
    uint64_t content; /* of frames: bytes decoded; else as stored */
    bool first;       /* of its piece: `stamp` is of its sources just before */
    uint64_t stamp;
    bool broken; /* nothing behind it counts, in this piece or a later one of its file */
    bool lied;   /* the file's seek table is not of its frames */
} ndr_plan_batch;
/* Thread: whoever has the batch. */
NDR_API ndr_plan_batch ndr_input_batch(const ndr_batch *b);

#ifdef __cplusplus
}
#endif

#endif
