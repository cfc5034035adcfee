/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan_run.h - a source of messages in, verdicts out to a sink, by many threads.
 *
 *   source -> batches -> ring -> workers (next, scan, render) -> sink, in input order
 */
#ifndef NDRSCAN_RUN_H
#define NDRSCAN_RUN_H

#include "ndrscan_scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the two ports ----------------------------------------------------- */

/* Where a record's index belongs in what was rendered. */
typedef struct ndr_mark {
    size_t at;      /* offset in the batch's `out` */
    uint64_t index; /* number within the batch, from 0 */
} ndr_mark;

/*
 * The unit of work and of ownership, a slot of the ring. `work` is the
 * source's: what it hands from its reader thread to a worker (a range, names,
 * or bytes). The rest is the run's.
 */
typedef struct ndr_batch {
    uint64_t seq;      /* position in the input, from 0 */
    void *work;        /* the source's own; kept with the slot, reused */
    uint64_t stream;   /* the source's number for the file, from 1: `index` counts on
                          over its batches; 0: each message's index is final */
    uint64_t messages; /* how many `next` gave; set by the worker */
    uint64_t bytes;    /* of input as it is stored, for progress; set by fill,
                          and added to by `next` for files that it opens */
    ndr_buffer out;    /* what render wrote, in message order */
    ndr_mark *mark;    /* ascending */
    size_t mark_count, mark_cap;
    struct ndr_trouble *trouble; /* sources that could not be read, told in order */
    void *record;                /* what render kept, in message order: an array of the
                                    sink's own struct; NULL while there is none */
    size_t record_count, record_cap;
    size_t record_bytes; /* of one; the same for all of a batch */
} ndr_batch;

/* Note that source `name` is unreadable or damaged; the run goes on. Words are
 * taken from `err`. Thread: whoever holds the batch. */
NDR_API void ndr_batch_trouble(ndr_batch *b, const char *name, const ndr_error *err);

/*
 * Where messages come from. The run drives it:
 *   reader thread:  fill(batch) … until it answers 0
 *   worker threads: begin(reader, batch), then next() until 0, extend() at will
 * A message's index is its number within its batch; the run adds what earlier
 * batches of the same `stream` held. Trouble with one file is noted with
 * ndr_batch_trouble and is no failure; a negative code ends the run.
 */
typedef struct ndr_source ndr_source;
typedef struct ndr_reader ndr_reader; /* a worker's own buffers; the source defines it */
struct ndr_source {
    size_t size; /* NDR_SIZED(ndr_source) */
    /* 1: the batch has work; 0: the input has ended; or an ndr_code. Thread: reader. */
    int (*fill)(ndr_source *s, ndr_batch *b, ndr_error *err);
    /* Free what `work` of a slot holds, and release all that others may wait for. Again
     * at will. Thread: whoever has the batch. */
    void (*drop)(ndr_source *s, ndr_batch *b);
    ndr_reader *(*reader_new)(ndr_source *s); /* NULL: no memory. Thread: any. */
    void (*reader_free)(ndr_source *s, ndr_reader *r);
    /* Take up a batch: 0 or an ndr_code. Thread: worker. */
    int (*begin)(ndr_source *s, ndr_reader *r, ndr_batch *b, ndr_error *err);
    /* 1 and *m; 0: no more in this batch; or an ndr_code. Thread: worker. */
    int (*next)(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err);
    /* Make the current message whole (up to the message limit), if it is OPEN. */
    int (*extend)(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err);
    /* Ask a fill that waits for input to answer 0 soon. Thread and signal: any. */
    void (*stop)(ndr_source *s);
    void (*close)(ndr_source *s);
};

/*
 * Where verdicts go. What a sink writes it renders as bytes to b->out. A sink that acts
 * instead keeps a struct a message (ndr_batch_record), and may keep bytes in b->out that
 * its records name by offset.
 */
typedef struct ndr_sink ndr_sink;
struct ndr_sink {
    size_t size; /* NDR_SIZED(ndr_sink) */
    /*
     * Append one record to b->out, or keep one. Where the message's number in its
     * source belongs, call ndr_batch_mark instead of writing it. Pure but for the
     * batch. Thread: worker. 0 or an ndr_code.
     */
    int (*render)(const ndr_sink *s, ndr_batch *b, const ndr_message *m,
                  const ndr_verdict *v, ndr_error *err);
    /* Write a batch's records out whole, or act on them. Thread: emitter, in order.
     * `base` is what to add to each mark's index. 0 or an ndr_code (EPIPE as NDR_E_SYS).
     * The batch's bytes and records are gone when it returns. */
    int (*commit)(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err);
    /* Flush and end; frees s whatever it answers. */
    int (*close)(ndr_sink *s, ndr_error *err);
};

/* "The number of message `index` belongs here." */
NDR_API void ndr_batch_mark(ndr_batch *b, uint64_t index);

/*
 * Keep one more record of `bytes` (over 0, the same for all of a sink) behind those of
 * the batch: all zero, aligned for any type, the caller's to fill until the next call,
 * which may move it. NULL: no memory, and the run ends (b->out.failed). The batch owns
 * it, and frees it as plain bytes: what it points to must outlive the run or be an offset
 * in b->out. Thread: whoever holds the batch: render writes, commit reads b->record[0 ..
 * record_count).
 */
NDR_API void *ndr_batch_record(ndr_batch *b, size_t bytes);

/* ---- a run ------------------------------------------------------------- */

enum ndr_emit { NDR_EMIT_BOUNCES, NDR_EMIT_JUNK, NDR_EMIT_ALL, NDR_EMIT_SUSPECTS };

/* One row of the counts: bounces to a domain. */
typedef struct ndr_domain_count {
    char domain[256]; /* NUL-terminated; "" collects those without a domain */
    uint64_t bounces, junk;
} ndr_domain_count;

/* What was seen. Counts are of messages unless their name says otherwise. */
typedef struct ndr_stats {
    uint64_t messages, bytes, bounces, junk;
    uint64_t suspects; /* none of the bounces: NDR_MSG_SUSPECT */
    uint64_t by_kind[NDR_KIND_COUNT];
    uint64_t *junk_by_window; /* one per window row; NULL without windows */
    ndr_domain_count *domain; /* most bounces first; domains beyond the table's limit
                                 are in `other_domains` */
    size_t domain_count;
    uint64_t other_domains;  /* bounces to domains that found no room */
    uint64_t sources_failed; /* unreadable or damaged, each told through `trouble` */
    uint64_t truncated;      /* messages larger than a limit */
    uint64_t judged;         /* bounces of which was asked whose mail came back */
    uint64_t by_whose[NDR_WHOSE_COUNT]; /* of these */
    uint64_t spared;                    /* kept by it, though a window covers them */
} ndr_stats;

/* Frees what *st points to, not st. */
NDR_API void ndr_stats_clear(ndr_stats *st);

typedef struct ndr_run_opts {
    size_t size; /* NDR_SIZED(ndr_run_opts) */
    const ndr_scan_opts *scan;
    unsigned threads; /* workers; 1 runs everything inline on the caller's thread */
    unsigned cpus;    /* so many workers are at it, and all `threads` of them only while
                         reading makes them wait; 0: always all */
    enum ndr_emit emit;
    /* Told in input order, on the caller's thread. May be NULL. */
    void (*trouble)(void *ctx, const char *source, const char *text);
    /* Called after each batch with the counts so far. May be NULL. */
    void (*progress)(void *ctx, const ndr_stats *so_far);
    /*
     * Shown each message behind its scan, reported or not, while the scanner still
     * holds it. `worker` counts from 0 to threads - 1. 0, or an ndr_code that
     * ends the run. May be NULL. Thread: that worker's.
     */
    int (*look)(void *ctx, unsigned worker, ndr_scanner *s, const ndr_message *m,
                const ndr_verdict *v, ndr_error *err);
    void *ctx;
    /* Asked to stop: input taken up already is finished and written. May be NULL. */
    const ndr_stop *stop;
} ndr_run_opts;

/*
 * Scan everything `in` gives and hand the verdicts to `out`, in input order,
 * the same bytes for any number of threads. Returns 0, NDR_E_STOPPED, or the
 * first failure; *ret is filled in every case and is the caller's to clear.
 * Neither port is closed. Thread: the caller's becomes the emitter.
 */
NDR_API int ndr_run(const ndr_run_opts *opts, ndr_source *in, ndr_sink *out,
                    ndr_stats *ret, ndr_error *err);

#ifdef __cplusplus
}
#endif

#endif
