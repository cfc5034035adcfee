/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * run.c - how does a whole input become verdicts, in order, on all cores?
 *
 * One thread: fill, work, emit in turn on the caller's thread. More: a reader
 * fills, workers work, the caller emits, and the ring keeps them in order.
 * Both ways use the same three functions.
 */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include "batch.h"
#include "domain_counts.h"
#include "ndr_sized.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

/* What a worker counts in one batch; summed by the emitter, for progress. */
typedef struct counts {
    uint64_t by_kind[NDR_KIND_COUNT];
    uint64_t bounces, junk, suspects, truncated;
    uint64_t judged, by_whose[NDR_WHOSE_COUNT], spared;
} counts;

typedef struct worker {
    struct run *run;
    ndr_scanner *scanner;
    ndr_reader *reader;
    ndr_domain_counts *by_domain;
    pthread_t thread;
    bool started;
} worker;

typedef struct run {
    ndr_run_opts opts;
    ndr_scan_opts scan; /* what opts.scan points to */
    ndr_source *in;
    ndr_sink *out;
    ndr_ring ring;
    ndr_batch *slot;
    counts *count; /* one a slot */
    bool *scanned; /* one a slot */
    size_t slots;
    worker *worker;
    ndr_domain_counts *by_domain; /* one a worker */
    unsigned workers;
    unsigned let_in;       /* of them, unless reading makes them wait */
    uint64_t stream, base; /* emitter's: messages of `stream` emitted so far */
    ndr_mutex mu;          /* guards failed, code and failure */
    bool failed;
    int code;
    ndr_error failure; /* the first one */
} run;

/* Keep the first failure and make everybody leave. Thread: any. */
static void
fail_run(run *r, int code, const ndr_error *err) NDR_UNCHECKED
{
    ndr_lock(&r->mu);
    if (!r->failed) {
        r->failed = true;
        r->code = code;
        r->failure = *err;
    }
    ndr_unlock(&r->mu);
}

static bool
asked_to_stop(const run *r)
{
    return ndr_stop_asked(r->opts.stop);
}

static bool
is_emitted(enum ndr_emit emit, const ndr_verdict *v)
{
    const enum ndr_decision decision = v->decision;
    if (emit == NDR_EMIT_SUSPECTS)
        return (v->flags & NDR_MSG_SUSPECT) != 0;
    return emit == NDR_EMIT_ALL || decision == NDR_JUNK ||
           (emit == NDR_EMIT_BOUNCES && decision == NDR_KEEP);
}

static int
extend(void *ctx, ndr_message *m, ndr_error *err)
{
    worker *w = ctx;
    return w->run->in->extend(w->run->in, w->reader, m, err);
}

static int
work_message(worker *w, ndr_batch *b, counts *c, ndr_message *m, ndr_error *err)
{
    run *r = w->run;
    ndr_verdict v;
    int rc = ndr_scan(w->scanner, m, extend, w, &v, err);
    if (rc >= 0 && r->opts.look != NULL)
        rc = r->opts.look(r->opts.ctx, (unsigned)(w - r->worker), w->scanner, m, &v, err);
    if (rc < 0)
        return rc;
    if (v.decision != NDR_NONE) {
        c->by_kind[v.kind]++;
        c->bounces++;
        c->junk += v.decision == NDR_JUNK;
        c->spared += v.spared != NULL;
        if (v.evidence != NULL) {
            c->judged++;
            c->by_whose[v.evidence->whose]++;
        }
        ndr_domain_counts_add(w->by_domain, r->scan.windows, &v);
    }
    c->suspects += (v.flags & NDR_MSG_SUSPECT) != 0;
    const bool emitted = is_emitted(r->opts.emit, &v);
    if (emitted && (m->flags & NDR_MSG_OPEN) != 0) {
        rc = extend(w, m, err); /* the record gives the whole length */
        if (rc < 0)
            return rc;
        v.flags |= m->flags & ~(unsigned)NDR_MSG_OPEN;
    }
    c->truncated += (v.flags & NDR_MSG_TRUNCATED) != 0;
    return emitted ? r->out->render(r->out, b, m, &v, err) : 0;
}

static int
work_batch(worker *w, ndr_batch *b, ndr_error *err)
{
    run *r = w->run;
    counts *c = &r->count[b - r->slot];
    *c = (counts){0};
    int rc = r->in->begin(r->in, w->reader, b, err);
    if (rc < 0)
        return rc;
    ndr_message m;
    while ((rc = r->in->next(r->in, w->reader, &m, err)) > 0) {
        b->messages++;
        rc = work_message(w, b, c, &m, err);
        if (rc < 0)
            return rc;
    }
    if (rc == 0 && b->out.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for output");
    return rc;
}

static int
emit_batch(run *r, const ndr_batch *b, ndr_stats *st, ndr_error *err)
{
    if (b->stream != r->stream) {
        r->stream = b->stream;
        r->base = 0;
    }
    const int rc = r->out->commit(r->out, b, b->stream == 0 ? 0 : r->base, err);
    if (rc < 0)
        return rc;
    r->base += b->messages;
    const counts *c = &r->count[b - r->slot];
    st->messages += b->messages;
    st->bytes += b->bytes;
    st->bounces += c->bounces;
    st->junk += c->junk;
    st->suspects += c->suspects;
    st->truncated += c->truncated;
    for (int k = 0; k < NDR_KIND_COUNT; k++)
        st->by_kind[k] += c->by_kind[k];
    st->judged += c->judged;
    st->spared += c->spared;
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        st->by_whose[k] += c->by_whose[k];
    for (const ndr_trouble *t = b->trouble; t != NULL; t = t->next) {
        st->sources_failed++;
        if (r->opts.trouble != NULL)
            r->opts.trouble(r->opts.ctx, t->source, t->text);
    }
    if (r->opts.progress != NULL)
        r->opts.progress(r->opts.ctx, st);
    return 0;
}

/* What a worker needs. Those that are not let in need none before their first batch. */
static int
equip(worker *w, ndr_error *err)
{
    run *r = w->run;
    if (w->reader != NULL)
        return 0;
    const int rc = w->scanner != NULL ? 0 : ndr_scanner_new(&r->scan, &w->scanner, err);
    if (rc == 0)
        w->reader = r->in->reader_new(r->in);
    return rc == 0 && w->reader == NULL
               ? ndr_fail(err, NDR_E_NOMEM, "no memory for a reader")
               : rc;
}

static void
run_inline(run *r, ndr_stats *st)
{
    ndr_error err = {0};
    ndr_batch *b = &r->slot[0];
    while (!asked_to_stop(r)) {
        ndr_batch_reset(b);
        int rc = r->in->fill(r->in, b, &err);
        if (rc == 0)
            return;
        if (rc > 0)
            rc = work_batch(&r->worker[0], b, &err);
        if (rc >= 0)
            rc = emit_batch(r, b, st, &err);
        if (rc < 0) {
            fail_run(r, rc, &err);
            return;
        }
        b->seq++;
    }
}

static void *
read_main(void *arg)
{
    run *r = arg;
    ndr_error err = {0};
    ndr_batch *b;
    while (!asked_to_stop(r) && (b = ndr_ring_fill_begin(&r->ring)) != NULL) {
        ndr_batch_reset(b);
        const int rc = r->in->fill(r->in, b, &err);
        if (rc < 0)
            fail_run(r, rc, &err); /* what was filled before is still scanned */
        if (rc <= 0)
            break;
        ndr_ring_fill_end(&r->ring);
    }
    ndr_ring_close(&r->ring);
    return NULL;
}

/* How often the calling thread has slept, as for a disk or a lock. */
static long
sleeps(const run *r)
{
    struct rusage used;
    return r->let_in < r->workers && getrusage(RUSAGE_THREAD, &used) == 0 ? used.ru_nvcsw
                                                                          : 0;
}

static void *
work_main(void *arg)
{
    worker *w = arg;
    run *r = w->run;
    ndr_error err = {0};
    ndr_batch *b;
    const unsigned number = (unsigned)(w - r->worker);
    while ((b = ndr_ring_scan_begin(&r->ring, number)) != NULL) {
        int rc = equip(w, &err);
        const long before = sleeps(r);
        if (rc == 0)
            rc = work_batch(w, b, &err);
        if (rc < 0) {
            r->in->drop(r->in, b); /* others may wait for what this batch was to tell */
            fail_run(r, rc, &err);
            ndr_ring_stop(&r->ring);
            return NULL;
        }
        ndr_ring_scan_end(&r->ring, b, sleeps(r) > before);
    }
    return NULL;
}

static int
start(pthread_t *thread, void *(*fn)(void *), void *arg, ndr_error *err)
{
    errno = pthread_create(thread, NULL, fn, arg);
    return errno == 0 ? 0 : ndr_fail(err, NDR_E_SYS, "start a thread");
}

static void
run_threads(run *r, ndr_stats *st)
{
    ndr_error err = {0};
    pthread_t reader;
    int rc = start(&reader, read_main, r, &err);
    if (rc < 0) {
        fail_run(r, rc, &err);
        return;
    }
    for (unsigned i = 0; i < r->workers; i++) {
        rc = start(&r->worker[i].thread, work_main, &r->worker[i], &err);
        r->worker[i].started = rc == 0;
        if (rc < 0 && i == 0) {
            fail_run(r, rc, &err); /* fewer workers than asked for would still do */
            ndr_ring_stop(&r->ring);
        }
    }
    ndr_batch *b;
    while ((b = ndr_ring_emit_begin(&r->ring)) != NULL) {
        rc = emit_batch(r, b, st, &err);
        if (rc < 0) {
            fail_run(r, rc, &err);
            ndr_ring_stop(&r->ring);
            break;
        }
        ndr_ring_emit_end(&r->ring);
    }
    r->in->stop(r->in); /* the reader may wait for input that nobody wants any more */
    (void)pthread_join(reader, NULL);
    for (unsigned i = 0; i < r->workers; i++)
        if (r->worker[i].started)
            (void)pthread_join(r->worker[i].thread, NULL);
}

static int
prepare(run *r, ndr_error *err)
{
    r->workers = r->opts.threads > 1 ? r->opts.threads : 1;
    r->let_in = r->opts.cpus > 0 && r->opts.cpus < r->workers ? r->opts.cpus : r->workers;
    /* half a ring passes between two wakes of the reader, and holds all workers busy */
    r->slots = r->workers > 1 ? 2 * (size_t)r->workers + 6 : 1;
    r->slot = calloc(r->slots, sizeof *r->slot);
    r->count = calloc(r->slots, sizeof *r->count);
    r->scanned = calloc(r->slots, sizeof *r->scanned);
    r->worker = calloc(r->workers, sizeof *r->worker);
    r->by_domain = calloc(r->workers, sizeof *r->by_domain);
    if (r->slot == NULL || r->count == NULL || r->scanned == NULL || r->worker == NULL ||
        r->by_domain == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for %u workers", r->workers);
    const ndr_windows *windows = r->scan.windows;
    for (unsigned i = 0; i < r->workers; i++) {
        worker *w = &r->worker[i];
        w->run = r;
        w->by_domain = &r->by_domain[i];
        int rc = ndr_domain_counts_init(w->by_domain,
                                        windows == NULL ? 0 : windows->count, err);
        if (rc == 0 && i < r->let_in)
            rc = equip(w, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The run's outcome; the counts are summed whatever it was. */
static int
finish(run *r, ndr_stats *st, ndr_error *err)
{
    ndr_error failure = {0};
    int rc = ndr_domain_counts_merge(r->by_domain, r->workers, st, &failure);
    if (r->failed) {
        rc = r->code;
        failure = r->failure;
    } else if (rc == 0 && asked_to_stop(r)) {
        rc = ndr_fail(&failure, NDR_E_STOPPED, "stopped");
    }
    if (rc < 0 && err != NULL)
        *err = failure;
    return rc;
}

int
ndr_run(const ndr_run_opts *opts, ndr_source *in, ndr_sink *out, ndr_stats *ret,
        ndr_error *err) NDR_UNCHECKED
{
    *ret = (ndr_stats){0};
    run r = {.in = in, .out = out};
    int rc = NDR_SIZED_TAKE(ndr_run_opts, stop, &r.opts, opts, err);
    if (rc == 0)
        rc = NDR_SIZED_TAKE(ndr_scan_opts, try_all, &r.scan, r.opts.scan, err);
    /* checked alone; they are called where they are: what is more of them is theirs */
    ndr_source known_in;
    ndr_sink known_out;
    if (rc == 0)
        rc = NDR_SIZED_TAKE(ndr_source, close, &known_in, in, err);
    if (rc == 0)
        rc = NDR_SIZED_TAKE(ndr_sink, close, &known_out, out, err);
    if (rc < 0)
        return rc;
    (void)pthread_mutex_init(&r.mu.os, NULL);
    rc = prepare(&r, err);
    if (rc < 0)
        goto out;
    if (r.workers == 1) {
        run_inline(&r, ret);
    } else {
        rc = ndr_ring_init(&r.ring, r.slot, r.scanned, r.slots, err);
        if (rc < 0)
            goto out;
        ndr_ring_let_in(&r.ring, r.let_in, r.workers);
        run_threads(&r, ret);
        ndr_ring_done(&r.ring);
    }
    rc = finish(&r, ret, err);
out:
    for (size_t i = 0; r.slot != NULL && i < r.slots; i++) {
        in->drop(in, &r.slot[i]);
        ndr_batch_free(&r.slot[i]);
    }
    for (unsigned i = 0; r.worker != NULL && i < r.workers; i++) {
        ndr_scanner_free(r.worker[i].scanner);
        if (r.worker[i].reader != NULL)
            in->reader_free(in, r.worker[i].reader);
    }
    for (unsigned i = 0; r.by_domain != NULL && i < r.workers; i++)
        ndr_domain_counts_done(&r.by_domain[i]);
    free(r.by_domain);
    free(r.worker);
    free(r.scanned);
    free(r.count);
    free(r.slot);
    (void)pthread_mutex_destroy(&r.mu.os);
    return rc;
}
