/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * zstd_frames.h - a zstd file of many frames, decoded by whoever is free.
 *
 *   frames   |  f  |f|   f   |skippable|  f  |   f   |f|  as they are stored
 *   ranges   |- range 1 ----|----- range 2 -----|-- 3 --|  runs of whole frames
 *   content  [0 ... end 1)  [end 1 ... end 2)    ...       what is framed
 *
 * The fill thread only steps from block header to block header. Frames need
 * not tell how much they hold, so where a range's content lies in the whole is
 * known once all ranges before it are decoded: each waits for the one before it
 * to say where it ends, after decoding its own, and tells the next. Nobody waits
 * for a later range, and a range that is given up tells as well, so it always ends.
 */
#ifndef NDR_ZSTD_FRAMES_H
#define NDR_ZSTD_FRAMES_H

#include "feed.h"
#include "frame/frame.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- where frames begin and end ------------------------------------------------ */

enum {
    NDR_ZSTD_HEAD_BYTES = 4096,    /* read at once by a walk */
    NDR_ZSTD_HELD_BYTES = 8 << 20, /* content that a worker holds at once */
};

/* A walk over the frames of one file, from its start. */
typedef struct ndr_zstd_walk {
    int fd; /* borrowed */
    uint64_t file_bytes, at;
    uint64_t base; /* file offset of head[0] */
    size_t have;
    bool asks; /* `ahead` is asked */
    ndr_fetcher ahead;
    unsigned char head[NDR_ZSTD_HEAD_BYTES];
} ndr_zstd_walk;

void ndr_zstd_walk_begin(ndr_zstd_walk *w, int fd, uint64_t file_bytes);
/* Where the file is on another machine, have what is walked through up to `until` asked
 * for ahead: each step needs the one before it, and would wait for a way there and back.
 */
void ndr_zstd_walk_ask(ndr_zstd_walk *w, uint64_t until);
/*
 * Step over one frame: true, *ret_end is where it ends and *ret_content the
 * most that it can hold. False when no whole frame is at w->at, which stays: the
 * end of the file, or what a decoder will call damaged.
 */
bool ndr_zstd_walk_frame(ndr_zstd_walk *w, uint64_t *ret_end, uint64_t *ret_content);
/*
 * Step over frames until they may hold `content_bytes`; where that is. *ret_content is
 * the most that they hold, UINT64_MAX when that cannot be told. What cannot be
 * walked through goes, up to the end of the file, into one range with what is before it.
 */
uint64_t
ndr_zstd_walk_range(ndr_zstd_walk *w, uint64_t content_bytes, uint64_t *ret_content);
/*
 * Whether a zstd file is worth to be handed out in ranges: it has frames that a worker
 * can hold, more than one range of them, and an mbox in them, of *ret marks.
 */
bool ndr_zstd_is_split(int fd, uint64_t file_bytes, enum ndr_format format,
                       uint64_t content_bytes, enum ndr_marks *ret);

/* ---- runs of frames for different machines (zstd_runs.c) --------------------------- */

typedef struct ndr_zstd_run {
    uint64_t from; /* it ends where the next one begins, the last with the file */
    uint64_t lead; /* a frame before it that has content, if one has */
} ndr_zstd_run;
/* All zero at first. */
typedef struct ndr_zstd_runs {
    ndr_zstd_run *run;
    size_t count, cap;
} ndr_zstd_runs;

/*
 * Cut a file into runs of frames of `run_bytes` as stored, or little more. By walking
 * through it; or by its seek table, which is not checked. 1; 0 when its frames cannot be
 * shared out: there is no table, or they may hold more than `content_limit`; NDR_E_NOMEM.
 */
int ndr_zstd_runs_walk(int fd, uint64_t file_bytes, uint64_t run_bytes,
                       uint64_t content_limit, ndr_zstd_runs *ret);
int ndr_zstd_runs_table(int fd, uint64_t file_bytes, uint64_t run_bytes,
                        uint64_t content_limit, ndr_zstd_runs *ret);
void ndr_zstd_runs_free(ndr_zstd_runs *r);

/* ---- where content lies ---------------------------------------------------------- */

/* What a range tells the next one. */
typedef struct ndr_zstd_link {
    atomic_uint refs;
    pthread_mutex_t mu; /* guards the rest */
    pthread_cond_t told;
    bool done;
    bool broken;  /* nothing comes behind it */
    uint64_t end; /* of its content, in the whole */
    size_t tail_len;
    unsigned char tail[NDR_LOOKBACK_BYTES]; /* the last bytes before `end` */
} ndr_zstd_link;

ndr_zstd_link *ndr_zstd_link_new(void); /* NULL: no memory */
ndr_zstd_link *ndr_zstd_link_ref(ndr_zstd_link *l);
void ndr_zstd_link_unref(ndr_zstd_link *l); /* NULL allowed */
/*
 * A link to begin with at `at`, where frames begin that follow those at [lead, at): it
 * has told their last bytes, and `end` as its end. 0 and *ret; what breaks them off; or
 * NDR_E_NOMEM.
 */
int ndr_zstd_link_at(int fd, uint64_t lead, uint64_t at, uint64_t end,
                     ndr_zstd_link **ret, ndr_error *err);
/* Its range will not be decoded, or was: who waits for it, and was not told yet, is told
 * that nothing comes behind it. NULL allowed. */
void ndr_zstd_link_leave(ndr_zstd_link *l);
/* Whether it told already that nothing comes behind it. NULL: no. */
bool ndr_zstd_link_broken(ndr_zstd_link *l);

/* ---- one range, on a worker ------------------------------------------------------ */

typedef struct ndr_zstd_stored {
    ndr_feed feed;
    int fd; /* borrowed */
    uint64_t at, until;
} ndr_zstd_stored;
/* Read [at, until) of `fd`, which stays open. */
void ndr_zstd_stored_init(ndr_zstd_stored *s, int fd, uint64_t at, uint64_t until);

/* A worker's decoder and buffer, for one range after the other. All zero at first. */
typedef struct ndr_zstd_range {
    ndr_zstd_stored stored;
    ndr_feed *decoded;
    uint64_t from, file_bytes; /* as stored */
    uint64_t limit;            /* on content, from the file's start */
    uint64_t start, size;      /* of its content, in the whole */
    uint64_t at;               /* of what the decoder gives next */
    bool over;                 /* the decoder can give no more */
    bool cut;                  /* content ends before the file does, at `end`... */
    uint64_t end;
    size_t lookback_len;
    unsigned char lookback[NDR_LOOKBACK_BYTES];
    unsigned char *bytes; /* the content's first `held` */
    size_t held, cap;
    ndr_buffer packed; /* the frames as they are stored */
} ndr_zstd_range;

/*
 * Decode the frames at [from, until) of `fd`, which hold `most` bytes or less, wait for
 * `before` and tell `own`, whatever happens. 0, and content lies at [start, start +
 * size); or the code of what breaks it off, behind those bytes; NDR_E_NOMEM. With nothing
 * before it that is whole, size is 0 and it is no trouble. Once `stop` (NULL allowed) is
 * set, what does not tell soon is not waited for.
 */
int ndr_zstd_range_begin(ndr_zstd_range *r, int fd, uint64_t from, uint64_t until,
                         uint64_t most, uint64_t file_bytes, uint64_t limit,
                         ndr_zstd_link *before, ndr_zstd_link *own,
                         const atomic_bool *stop, ndr_error *err);
/* As pread, of the content: from `start`, or a little before, to its end. What breaks it
 * off is an end, with `cut`. */
int64_t ndr_zstd_range_read(void *range, unsigned char *to, size_t room, uint64_t at,
                            ndr_error *err);
void ndr_zstd_range_free(ndr_zstd_range *r);

/* ---- what the decoder adds to a feed (codec_zstd.c) ------------------------------- */

/* A feed of the frames in `in`, which it takes over; byte 0 of it is `base` in the
 * file. */
int ndr_zstd_open_at(ndr_feed *in, uint64_t base, ndr_feed **ret, ndr_error *err);
/* Decode all of p[0, n) into `to`, as the same decoder: how much it was; SIZE_MAX when
 * it is not whole frames that have room. The feed is to begin anew then. */
size_t ndr_zstd_at_once(ndr_feed *feed, unsigned char *to, size_t room,
                        const unsigned char *p, size_t n);
/* Begin anew with what `in` gives from now on. */
void ndr_zstd_again(ndr_feed *feed, uint64_t base);

#endif
