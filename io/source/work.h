/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * work.h - what fill hands to a worker in one batch, and who makes it.
 *
 *   range   part of a plain mbox: the worker reads and frames it
 *   frames  part of a zstd file with an mbox in it: the worker decodes that, too
 *   names   files of a folder or named ones: the worker opens and reads them
 *   pieces  bytes that the fill thread had to read in order: the worker frames
 */
#ifndef NDR_WORK_H
#define NDR_WORK_H

#include "ahead.h"
#include "codec/feed.h"
#include "codec/page_cache.h"
#include "codec/zstd_frames.h"
#include "frame/frame.h"
#include "large_slot.h"
#include "pool.h"

#include <stdatomic.h>

/* ndr_input_opts with the defaults put in. */
typedef struct ndr_limits {
    enum ndr_format format;
    size_t message_bytes, range_bytes, batch_bytes;
    uint64_t expanded_bytes; /* 0: by the rule */
    ndr_large_slot *room;    /* for messages over twice the batch; borrowed */
    ndr_pool *pool;          /* for the batches of streams; borrowed */
    const atomic_bool *stop; /* the input is to end; borrowed, or NULL */
    ndr_page_cache *cache;   /* which says when to drop what was cold; borrowed */
} ndr_limits;

/* A file or folder that several batches are about; the last one closes it. */
typedef struct ndr_place {
    atomic_uint refs;
    atomic_bool told_shorter; /* than it was when it was taken up */
    int fd;                   /* -1: only the path */
    char path[];
} ndr_place;

/* Takes `fd` over, also when there is no memory: NULL then. */
ndr_place *ndr_place_new(int fd, const char *path);
ndr_place *ndr_place_ref(ndr_place *p);
void ndr_place_unref(ndr_place *p); /* NULL allowed */

enum ndr_work_kind {
    NDR_WORK_NONE,
    NDR_WORK_RANGE,
    NDR_WORK_FRAMES,
    NDR_WORK_NAMES,
    NDR_WORK_PIECES
};

/* How the names of a batch were found. */
enum ndr_finding {
    NDR_FOUND_NAMED,   /* the operator named them: links are followed, trouble told */
    NDR_FOUND_FOLDER,  /* in a folder of message files: others are passed over */
    NDR_FOUND_MAILDIR, /* in cur/ or new/: each is one message, and may be gone */
};

/* Whole messages, or one and what is left of it, behind each other. */
typedef struct ndr_piece {
    size_t at, len;  /* in ndr_work.bytes */
    size_t member;   /* its name's offset in ndr_work.text; SIZE_MAX: none */
    uint64_t offset; /* of its first byte in the item */
    uint64_t beyond; /* bytes of its last message that were not kept */
    int64_t framed, file_time;
    enum ndr_framing framing; /* CL2 is framed already: it comes as ONE */
    enum ndr_marks marks;     /* of MBOX */
    unsigned flags;           /* of its last message */
} ndr_piece;

typedef struct ndr_work {
    enum ndr_work_kind kind;
    ndr_place *place;     /* the file (range, pieces) or the folder (names; NULL: none) */
    enum ndr_marks marks; /* of range and frames */
    uint64_t from, until; /* range: messages that begin there; frames: stored there */
    bool cold;            /* that was not in the page cache */
    uint64_t content_most, file_bytes,
        content_limit;                     /* of the file that holds the frames */
    ndr_zstd_link *link_before, *link_own; /* between ranges of frames */
    enum ndr_finding finding;
    uint64_t expanded_least; /* what each of the names may expand to, however short */
    size_t count;            /* of names in `text`, NUL behind each, or of pieces */
    ndr_ahead_folder *ahead; /* reads the names ahead, or NULL */
    size_t ahead_first;      /* which one of the folder's names the first is */
    ndr_buffer text;
    ndr_buffer bytes;     /* of pieces */
    ndr_large_slot *room; /* taken for a large message in `bytes`; else NULL */
    ndr_piece *piece;
    size_t piece_cap;

    /* of a plan: see ndr_plan_batch */
    bool planned, first, broken, lied;
    size_t planned_piece;
    uint64_t stamp, sum, content;
    uint64_t origin;              /* what offsets of frames in a piece count from */
    uint64_t sum_from, sum_until; /* stored bytes that its sum is about: ranges, frames */
    uint32_t sum_source; /* of the piece: the range, the frames, the first of the names */
} ndr_work;

/* May its worker need room for a large message? Pieces came with theirs. */
static inline bool
ndr_work_takes_room(const ndr_work *w)
{
    return w->kind != NDR_WORK_PIECES;
}
/* The bytes are not needed any more: those of a large message are given back. */
void ndr_work_drop(ndr_work *w, size_t keep_bytes);
/* Empty it for reuse; memory far over `keep_bytes` is given back. */
void ndr_work_clear(ndr_work *w, size_t keep_bytes);
void ndr_work_free(ndr_work *w);
/* One more piece, all zero but `member`; NULL: no memory. */
ndr_piece *ndr_work_piece(ndr_work *w);

/* ---- packing streams into pieces ----------------------------------------------- */

typedef struct ndr_packer {
    const ndr_limits *limits;
    bool to_fill; /* its thread is the one that fills batches */
    ndr_fd_feed stored;
    ndr_unpack unpack;
    bool open; /* an item is being read */
    bool ended;
    bool skimmed_to_end;  /* the item ended while a large message was passed over */
    enum ndr_ending told; /* the message before `offset` was handed out when the input
                             rested, on the strength of this */
    uint64_t told_at;     /* where it begins in the item */
    bool uneven;          /* the input rested within a message, too */
    bool went_on;         /* the message that was told was not at its end */
    uint64_t went_on_at;  /* where that one begins: the next may be told already */
    uint64_t offset;      /* in the item: of the first byte not yet handed out */
    ndr_buffer carry;     /* bytes from there on that were read already */
    ndr_buffer skim;      /* where what is not kept passes through */
    size_t member;        /* of the item, in the work being filled */
    int64_t file_time;    /* of the file, for items that are not members */
    int64_t framed;       /* of the file's Maildir name */
    uint64_t counted;     /* of stored.taken, in earlier batches */
} ndr_packer;

/*
 * Start on a stored file; takes `fd` over, unless `keep`. `waits`: it may block,
 * and `wake` (NULL: nothing) ends that. Nothing is read yet.
 */
void
ndr_packer_open(ndr_packer *k, const ndr_limits *limits, int fd, bool keep, bool waits,
                const ndr_wake *wake, uint64_t stored_bytes, enum ndr_format format);
/* Open the first item already: 1, 0 when there is none, or an ndr_code. What it is, is in
 * k->unpack; then ndr_packer_fill goes on with it, or nobody does. */
int ndr_packer_begin(ndr_packer *k, ndr_error *err);
/*
 * Add pieces to `w` until it is full, or the input would wait and whole
 * messages are there. 1: there is more to come; 0: the file has ended (w may
 * still hold pieces); or an ndr_code that ends the run. Damage is noted on `b`
 * under `name`, and ends the file.
 */
int ndr_packer_fill(ndr_packer *k, ndr_batch *b, ndr_work *w, const char *name,
                    ndr_error *err);
/* End early or late; buffers are kept for the next file. */
void ndr_packer_close(ndr_packer *k);
void ndr_packer_free(ndr_packer *k);

/* ---- the worker's side ---------------------------------------------------------- */

ndr_reader *ndr_reader_new(const ndr_limits *limits); /* NULL: no memory */
void ndr_reader_free(ndr_reader *r);
int ndr_reader_begin(ndr_reader *r, ndr_batch *b, ndr_error *err);
int ndr_reader_next(ndr_reader *r, ndr_message *m, ndr_error *err);
int ndr_reader_extend(ndr_reader *r, ndr_message *m, ndr_error *err);

/* ---- what the fill thread walks -------------------------------------------------- */

/* folder/name, to be freed; NULL: no memory. */
char *ndr_path_join(const char *folder, const char *name);
/* The words for a file that is none we read; NULL when it is a regular one. */
const char *ndr_mode_trouble(unsigned mode);

/* A list of paths, read as it comes. */
typedef struct ndr_list {
    ndr_fd_feed in;
    char separator;
    bool end;
    bool skipping; /* the rest of a path that was too long */
    ndr_buffer bytes;
    size_t at;
} ndr_list;
void ndr_list_open(ndr_list *l, int fd, bool keep, bool nul, const ndr_wake *wake);
/*
 * The next path, NUL-terminated, until the next call: 1; 0 at the end;
 * NDR_FEED_WAIT (only without `wait`); or an ndr_code; NDR_E_LIMIT is a path
 * over 64 KiB, after which the next can be had.
 */
int ndr_list_next(ndr_list *l, bool wait, char **ret, ndr_error *err);
void ndr_list_close(ndr_list *l);

/*
 * A walk through one folder or a tree of them, in an order that depends on
 * names alone: a Maildir's cur, then its new, then the folders in it; another
 * folder's files, then the folders in it; each in the order of their bytes.
 */
typedef struct ndr_walk {
    enum ndr_format format;
    bool recursive;
    struct pending { /* folders to come, the next one last */
        char *path;
        enum ndr_folder_sort { NDR_SORT_ROOT, NDR_SORT_FOUND, NDR_SORT_LEAF } sort;
    } * pending;
    size_t pending_count, pending_cap;
    /* the folder at hand */
    ndr_place *folder;
    enum ndr_finding finding;
    ndr_buffer names;     /* an inode's number and a name, NUL behind each */
    ndr_found_name *name; /* sorted, into `names` */
    size_t name_count, name_cap, at;
    ndr_ahead *crew;         /* that reads folders ahead; borrowed, or NULL */
    ndr_ahead_folder *ahead; /* of the folder at hand, or NULL */
    void *lent;              /* for what is left to it then */
    char *failed_path;       /* of the last trouble */
} ndr_walk;

/* Begin with `path`, which the operator named. 0 or NDR_E_NOMEM. */
int ndr_walk_begin(ndr_walk *w, const char *path, ndr_error *err);
/* The same with the cur and new of the Maildir `path` alone; what is not there has none.
 */
int ndr_walk_begin_leaves(ndr_walk *w, const char *path, ndr_error *err);
/*
 * List the next folder that has files: 1; 0: no more; NDR_E_NOMEM. Any
 * other code is trouble with *ret_path (until the next call); go on then.
 */
int ndr_walk_step(ndr_walk *w, const char **ret_path, ndr_error *err);
/* Forget what is still to come. */
void ndr_walk_clear(ndr_walk *w);
void ndr_walk_free(ndr_walk *w);

#endif
