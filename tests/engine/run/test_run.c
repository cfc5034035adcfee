/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes.h"
#include "rules.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static ndr_ruleset *rules;
static const ndr_window window[] = {{.domain = {(const unsigned char *)"d3.example", 10},
                                     .from = 0,
                                     .until = NDR_TIME_OPEN,
                                     .kinds = NDR_KINDS_DEFAULT}};
static const ndr_windows windows = {window, 1};

static void
build(void **state)
{
    (void)state;
    const ndr_rule_spec specs[] = {
        {NDR_SIZED(ndr_rule_spec), .id = "undelivered", .kind = NDR_KIND_FAILED,
         .rank = 5,
         ALL({.target = "subject", .match = "^undelivered"},
             {.target = "text", .match = "gone"})},
        {NDR_SIZED(ndr_rule_spec), .id = "delayed", .kind = NDR_KIND_DELAYED, .rank = 5,
         ALL({.target = "subject", .match = "^delayed"})},
    };
    rules = make_rules(specs, 2);
}

static void
drop(void **state)
{
    (void)state;
    ndr_ruleset_free(rules);
}

/* ---- a source of made-up messages ---- */

enum {
    NOWHERE = -1,
    PER_BATCH = 7,
    PER_STREAM = 4 /* batches */,
    CHAINED = 20,
    LONG_S = 10
};

enum place {
    AT_FILL,
    AT_BEGIN,
    AT_NEXT,
    AT_EXTEND,
    AT_RENDER,
    AT_COMMIT,
    AT_READER,
    AT_NONE
};

typedef struct fake_source {
    ndr_source port;
    int batches, filled;
    enum place fail_at;
    int fail_batch;
    bool waits; /* behind the last batch, fill waits for stop() as a pipe does */
    pthread_mutex_t mu;
    pthread_cond_t stopped;
    bool is_stopped;
    bool chained; /* each batch waits for what the one before it tells, as frames do */
    bool told[CHAINED];
    bool hung;
    int waiting; /* for the batch that fails */
    pthread_cond_t tells;
    atomic_int works;
    atomic_int readers; /* given out and not yet taken back, as works are */
} fake_source;

struct ndr_reader {
    int batch, at;
    char text[400];
    size_t header, whole;
};

static fake_source *
source_of(ndr_source *s)
{
    return (fake_source *)s;
}

static int
fail_here(ndr_error *err, const char *where, int batch)
{
    return ndr_fail(err, NDR_E_DAMAGED, "%s of batch %d", where, batch);
}

static void
tell(fake_source *s, int batch)
{
    (void)pthread_mutex_lock(&s->mu);
    s->told[batch] = true;
    (void)pthread_cond_broadcast(&s->tells);
    (void)pthread_mutex_unlock(&s->mu);
}

/* Whoever reads `batch` waits for the one before it; one that is to fail, until somebody
 * waits for it. What nobody ever tells is a run that hangs. */
static void
wait_in_chain(fake_source *s, int batch)
{
    struct timespec end = {0};
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LONG_S;
    (void)pthread_mutex_lock(&s->mu);
    if (batch == s->fail_batch + 1) {
        s->waiting++;
        (void)pthread_cond_broadcast(&s->tells);
    }
    int rc = 0;
    while (rc == 0 && ((batch > 0 && !s->told[batch - 1]) ||
                       (batch == s->fail_batch && s->waiting == 0)))
        rc = pthread_cond_timedwait(&s->tells, &s->mu, &end);
    s->hung = s->hung || rc != 0;
    (void)pthread_mutex_unlock(&s->mu);
}

static int
fake_fill(ndr_source *port, ndr_batch *b, ndr_error *err)
{
    fake_source *s = source_of(port);
    if (s->fail_at == AT_FILL && s->filled == s->fail_batch)
        return fail_here(err, "fill", s->filled);
    if (s->filled == s->batches) {
        (void)pthread_mutex_lock(&s->mu);
        while (s->waits && !s->is_stopped)
            (void)pthread_cond_wait(&s->stopped, &s->mu);
        (void)pthread_mutex_unlock(&s->mu);
        return 0;
    }
    if (b->work == NULL) {
        b->work = malloc(sizeof(int));
        assert_non_null(b->work);
        s->works++;
    }
    *(int *)b->work = s->filled;
    b->stream = (uint64_t)(s->filled / PER_STREAM) + 1;
    b->bytes = 100;
    if (s->filled % 5 == 0) {
        ndr_error why = {0};
        ndr_fail(&why, NDR_E_DAMAGED, "from fill %d", s->filled);
        ndr_batch_trouble(b, "fill", &why);
    }
    s->filled++;
    return 1;
}

static void
fake_drop(ndr_source *port, ndr_batch *b)
{
    fake_source *s = source_of(port);
    s->works -= b->work != NULL;
    if (s->chained && b->work != NULL)
        tell(s, *(const int *)b->work);
    free(b->work);
    b->work = NULL;
}

static ndr_reader *
fake_reader_new(ndr_source *port)
{
    fake_source *s = source_of(port);
    if (s->fail_at == AT_READER && s->readers == s->fail_batch)
        return NULL;
    s->readers++;
    return calloc(1, sizeof(ndr_reader));
}

static void
fake_reader_free(ndr_source *port, ndr_reader *r)
{
    source_of(port)->readers--;
    free(r);
}

static int
fake_begin(ndr_source *port, ndr_reader *r, ndr_batch *b, ndr_error *err)
{
    fake_source *s = source_of(port);
    r->batch = *(int *)b->work;
    r->at = 0;
    if (s->chained)
        wait_in_chain(s, r->batch);
    if (s->fail_at == AT_BEGIN && r->batch == s->fail_batch)
        return fail_here(err, "begin", r->batch);
    if (r->batch % 3 == 0) {
        ndr_error why = {0};
        ndr_fail(&why, NDR_E_DAMAGED, "from begin %d", r->batch);
        ndr_batch_trouble(b, "begin", &why);
    }
    return 0;
}

static int
fake_next(ndr_source *port, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    fake_source *s = source_of(port);
    if (s->fail_at == AT_NEXT && r->batch == s->fail_batch && r->at == 3)
        return fail_here(err, "next", r->batch);
    if (r->at == PER_BATCH - r->batch % 2) {
        if (s->chained)
            tell(s, r->batch);
        return 0;
    }
    const int n = r->batch * PER_BATCH + r->at;
    static const char *const subjects[] = {"Undelivered", "Delayed", "Lunch",
                                           "Undelivered too"};
    const int head = snprintf(r->text, sizeof r->text,
                              "Delivered-To: u%d@d%d.example\nSubject: %s\n"
                              "Date: Thu, 1 Jan 1970 00:%02d:%02d +0000\n\n",
                              n, n % 6, subjects[n % 4], n / 60 % 60, n % 60);
    const int body = snprintf(r->text + head, sizeof r->text - (size_t)head, "%s %d\n",
                              n % 3 == 0 ? "He is gone" : "Hello", n);
    r->header = (size_t)head;
    r->whole = (size_t)head + (size_t)body;
    *m = make_message((ndr_slice){(const unsigned char *)r->text, r->whole});
    m->index = (uint64_t)r->at++;
    m->source = "fake";
    if (n % 5 < 3) { /* three of five are open: behind the header or inside it */
        m->raw.len = n % 5 == 0 ? r->header : r->header / 2;
        m->flags |= NDR_MSG_OPEN;
        m->length = 0;
    }
    return 1;
}

static int
fake_extend(ndr_source *port, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    const fake_source *s = source_of(port);
    if (s->fail_at == AT_EXTEND && r->batch == s->fail_batch)
        return fail_here(err, "extend", r->batch);
    m->raw.len = m->length = r->whole;
    m->flags &= ~(unsigned)NDR_MSG_OPEN;
    if (r->batch % 7 == 0)
        m->flags |= NDR_MSG_TRUNCATED;
    return 0;
}

static void
fake_stop(ndr_source *port)
{
    fake_source *s = source_of(port);
    (void)pthread_mutex_lock(&s->mu);
    s->is_stopped = true;
    (void)pthread_cond_broadcast(&s->stopped);
    (void)pthread_mutex_unlock(&s->mu);
}

/* ---- a sink that keeps all ---- */

typedef struct fake_sink {
    ndr_sink port;
    enum place fail_at;
    int fail_batch, commits, stop_behind;
    ndr_stop *stop;
    ndr_buffer text;
} fake_sink;

/* The same once more as a struct: it must come to commit as the bytes do. */
typedef struct kept {
    uint64_t index;
    size_t text; /* where its line begins in the batch's bytes */
    const char *decision;
} kept;

static int
fake_render(const ndr_sink *port, ndr_batch *b, const ndr_message *m,
            const ndr_verdict *v, ndr_error *err)
{
    const fake_sink *s = (const fake_sink *)port;
    if (s->fail_at == AT_RENDER && *(const int *)b->work == s->fail_batch)
        return fail_here(err, "render", s->fail_batch);
    kept *k = ndr_batch_record(b, sizeof *k);
    assert_non_null(k);
    *k = (kept){m->index, b->out.len, ndr_decision_name(v->decision)};
    ndr_buffer_printf(&b->out, "%llu #", (unsigned long long)b->stream);
    ndr_batch_mark(b, m->index);
    ndr_buffer_printf(&b->out, " %s %.*s %zu %x\n", ndr_decision_name(v->decision),
                      (int)v->recipient.len, (const char *)v->recipient.ptr,
                      (size_t)m->length, v->flags);
    return 0;
}

static int
fake_commit(ndr_sink *port, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    fake_sink *s = (fake_sink *)port;
    if (s->fail_at == AT_COMMIT && s->commits == s->fail_batch)
        return fail_here(err, "commit", s->commits);
    assert_int_equal(b->record_count, b->mark_count);
    const kept *k = b->record;
    size_t at = 0;
    for (size_t i = 0; i < b->mark_count; i++) {
        assert_int_equal(k[i].index, b->mark[i].index);
        assert_true(k[i].text < b->mark[i].at && (i == 0 || k[i].text > at));
        assert_memory_equal(b->out.ptr + b->mark[i].at + 1, k[i].decision,
                            strlen(k[i].decision));
        ndr_buffer_add(&s->text, (ndr_slice){b->out.ptr + at, b->mark[i].at - at});
        ndr_buffer_printf(&s->text, "%llu",
                          (unsigned long long)(base + b->mark[i].index));
        at = b->mark[i].at;
    }
    ndr_buffer_add(&s->text, (ndr_slice){b->out.ptr + at, b->out.len - at});
    s->commits++;
    if (s->stop != NULL && s->commits == s->stop_behind)
        ndr_stop_ask(s->stop);
    return 0;
}

/* ---- runs ---- */

typedef struct outcome {
    int code;
    ndr_error err;
    ndr_stats stats;
    ndr_buffer text, trouble;
    uint64_t progress; /* calls */
    int filled;
} outcome;

static void
on_trouble(void *ctx, const char *source, const char *text)
{
    outcome *o = ctx;
    ndr_buffer_printf(&o->trouble, "%s: %s\n", source, text);
}

static void
on_progress(void *ctx, const ndr_stats *so_far)
{
    outcome *o = ctx;
    o->progress++;
    o->stats.messages = so_far->messages; /* overwritten by the run at its end */
}

typedef struct plan {
    unsigned threads, cpus;
    int batches;
    enum ndr_emit emit;
    enum place fail_at;
    int fail_batch;
    int stop_behind; /* batches committed; 0: never */
    bool waits, chained;
    bool source_unsized, sink_unsized;
} plan;

static outcome
go(const plan *p)
{
    fake_source in = {.port = {NDR_SIZED(ndr_source), fake_fill, fake_drop,
                               fake_reader_new, fake_reader_free, fake_begin, fake_next,
                               fake_extend, fake_stop, NULL},
                      .batches = p->batches,
                      .fail_at = p->fail_at,
                      .fail_batch = p->fail_batch,
                      .waits = p->waits,
                      .chained = p->chained};
    in.port.size *= !p->source_unsized;
    ndr_stop stop = {0};
    fake_sink out = {.port = {NDR_SIZED(ndr_sink), fake_render, fake_commit, NULL},
                     .fail_at = p->fail_at,
                     .fail_batch = p->fail_batch,
                     .stop_behind = p->stop_behind,
                     .stop = &stop};
    out.port.size *= !p->sink_unsized;
    (void)pthread_mutex_init(&in.mu, NULL);
    (void)pthread_cond_init(&in.stopped, NULL);
    (void)pthread_cond_init(&in.tells, NULL);
    outcome o = {0};
    const ndr_scan_opts scan = {NDR_SIZED(ndr_scan_opts), .rules = rules,
                                .windows = &windows, .facts_always = true};
    const ndr_run_opts opts = {
        NDR_SIZED(ndr_run_opts), .scan = &scan,   .threads = p->threads,
        .cpus = p->cpus,         .emit = p->emit, .trouble = on_trouble,
        .progress = on_progress, .ctx = &o,       .stop = &stop};
    ndr_stats stats;
    memset(&stats, 0xff, sizeof stats); /* filled in every case */
    o.code = ndr_run(&opts, &in.port, &out.port, &stats, &o.err);
    o.stats = stats;
    o.text = out.text;
    o.filled = in.filled;
    assert_int_equal(in.works, 0);
    assert_int_equal(in.readers, 0);
    assert_false(in.hung);
    (void)pthread_cond_destroy(&in.tells);
    (void)pthread_cond_destroy(&in.stopped);
    (void)pthread_mutex_destroy(&in.mu);
    return o;
}

static void
forget(outcome *o)
{
    ndr_stats_clear(&o->stats);
    ndr_buffer_free(&o->text);
    ndr_buffer_free(&o->trouble);
}

static void
same_bytes(const ndr_buffer *a, const ndr_buffer *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->ptr, b->ptr, a->len);
}

typedef struct same_row {
    const char *why;
    unsigned threads;
    int batches;
    enum ndr_emit emit;
    unsigned cpus;
} same_row;

static const same_row sames[] = {
    {"two threads give the same bytes as one", 2, 100, NDR_EMIT_ALL, 0},
    {"eight threads give the same bytes as one", 8, 400, NDR_EMIT_ALL, 0},
    {"eight threads, bounces alone", 8, 200, NDR_EMIT_BOUNCES, 0},
    {"eight threads, junk alone", 8, 200, NDR_EMIT_JUNK, 0},
    {"fewer batches than threads", 8, 3, NDR_EMIT_ALL, 0},
    {"one batch", 8, 1, NDR_EMIT_ALL, 0},
    {"eight threads on two CPUs", 8, 400, NDR_EMIT_ALL, 2},
    {"eight threads on one CPU", 8, 100, NDR_EMIT_ALL, 1},
    {"two threads on eight CPUs", 2, 100, NDR_EMIT_ALL, 8},
};

static void
same_test(void **state)
{
    const same_row *row = *state;
    const plan one = {
        .threads = 1, .batches = row->batches, .emit = row->emit, .fail_at = AT_NONE};
    plan many = one;
    many.threads = row->threads;
    many.cpus = row->cpus;
    outcome a = go(&one), b = go(&many);
    assert_int_equal(a.code, 0);
    assert_int_equal(b.code, 0);
    assert_true(row->batches < 10 || a.text.len > 0);
    same_bytes(&a.text, &b.text);
    same_bytes(&a.trouble, &b.trouble);
    assert_int_equal(a.progress, row->batches);
    assert_int_equal(b.progress, row->batches);
    assert_int_equal(a.stats.messages, PER_BATCH * row->batches - row->batches / 2);
    assert_int_equal(a.stats.bytes, 100 * row->batches);
    assert_int_equal(a.stats.messages, b.stats.messages);
    assert_int_equal(a.stats.bytes, b.stats.bytes);
    assert_int_equal(a.stats.bounces, b.stats.bounces);
    assert_int_equal(a.stats.junk, b.stats.junk);
    assert_int_equal(a.stats.truncated, b.stats.truncated);
    assert_int_equal(a.stats.sources_failed, b.stats.sources_failed);
    assert_memory_equal(a.stats.by_kind, b.stats.by_kind, sizeof a.stats.by_kind);
    assert_int_equal(a.stats.junk_by_window[0], a.stats.junk);
    assert_int_equal(b.stats.junk_by_window[0], a.stats.junk);
    assert_int_equal(a.stats.domain_count, b.stats.domain_count);
    uint64_t bounces = 0;
    for (size_t i = 0; i < a.stats.domain_count; i++) {
        assert_string_equal(a.stats.domain[i].domain, b.stats.domain[i].domain);
        assert_int_equal(a.stats.domain[i].bounces, b.stats.domain[i].bounces);
        bounces += a.stats.domain[i].bounces;
    }
    assert_int_equal(bounces, a.stats.bounces);
    assert_int_equal(a.stats.by_kind[NDR_KIND_FAILED] + a.stats.by_kind[NDR_KIND_DELAYED],
                     a.stats.bounces);
    forget(&a);
    forget(&b);
}

static void
numbers_test(void **state)
{
    (void)state;
    const plan p = {
        .threads = 8, .batches = 10, .emit = NDR_EMIT_ALL, .fail_at = AT_NONE};
    outcome o = go(&p);
    /* in each stream messages are numbered from 0 on, over its batches */
    unsigned long long stream = 1, want = 0;
    ndr_buffer_byte(&o.text, '\0');
    assert_null(
        strstr((const char *)o.text.ptr, " 0 ")); /* each record gives the whole length */
    for (const char *line = (const char *)o.text.ptr; *line != '\0';
         line = strchr(line, '\n') + 1) {
        unsigned long long s = strtoull(line, NULL, 10);
        const unsigned long long n = strtoull(strchr(line, '#') + 1, NULL, 10);
        if (s != stream) {
            assert_int_equal(s, stream + 1);
            assert_int_equal(want, PER_STREAM * PER_BATCH - PER_STREAM / 2);
            stream = s;
            want = 0;
        }
        assert_int_equal(n, want);
        want++;
    }
    assert_int_equal(stream, 3);
    forget(&o);
}

static void
trouble_test(void **state)
{
    (void)state;
    const plan p = {
        .threads = 8, .batches = 7, .emit = NDR_EMIT_JUNK, .fail_at = AT_NONE};
    outcome o = go(&p);
    assert_buffer(&o.trouble,
                  "fill: from fill 0\nbegin: from begin 0\nbegin: from begin 3\n"
                  "fill: from fill 5\nbegin: from begin 6\n");
    assert_int_equal(o.stats.sources_failed, 5);
    assert_int_equal(o.code, 0); /* and is no failure */
    forget(&o);
}

typedef struct fail_row {
    const char *why;
    enum place at;
    int batch;
    const char *words;
} fail_row;

static const fail_row fails[] = {
    {"the source fails to fill", AT_FILL, 20, "fill of batch 20"},
    {"the source fails at once", AT_FILL, 0, "fill of batch 0"},
    {"a batch cannot be taken up", AT_BEGIN, 20, "begin of batch 20"},
    {"a batch breaks in the middle", AT_NEXT, 20, "next of batch 20"},
    {"a message cannot be made whole", AT_EXTEND, 20, "extend of batch 20"},
    {"a record cannot be rendered", AT_RENDER, 20, "render of batch 20"},
    {"records cannot be written", AT_COMMIT, 20, "commit of batch 20"},
    {"the first records cannot be written", AT_COMMIT, 0, "commit of batch 0"},
};

static void
fail_test(void **state)
{
    const fail_row *row = *state;
    const plan whole = {
        .threads = 1, .batches = 100, .emit = NDR_EMIT_ALL, .fail_at = AT_NONE};
    outcome all = go(&whole);
    for (unsigned threads = 1; threads <= 8; threads += 7) {
        const plan p = {.threads = threads,
                        .batches = 100,
                        .emit = NDR_EMIT_ALL,
                        .fail_at = row->at,
                        .fail_batch = row->batch};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_DAMAGED);
        assert_int_equal(o.err.code, NDR_E_DAMAGED);
        assert_string_equal(o.err.text, row->words);
        /* what was written is whole batches from the start on */
        assert_true(o.text.len < all.text.len);
        assert_true(o.text.len == 0 || o.text.ptr[o.text.len - 1] == '\n');
        if (o.text.len > 0)
            assert_memory_equal(o.text.ptr, all.text.ptr, o.text.len);
        if (threads == 1 || row->at == AT_FILL || row->at == AT_COMMIT)
            assert_int_equal(o.progress, row->batch);
        else
            assert_true(o.progress <= (uint64_t)row->batch);
        forget(&o);
    }
    if (row->at != AT_FILL) { /* the reader waits for input when it happens */
        const plan p = {.threads = 8,
                        .batches = row->batch + 1,
                        .emit = NDR_EMIT_ALL,
                        .fail_at = row->at,
                        .fail_batch = row->batch,
                        .waits = true};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_DAMAGED);
        assert_string_equal(o.err.text, row->words);
        forget(&o);
    }
    forget(&all);
}

static void
memory_test(void **state)
{
    (void)state;
    for (int at = 0; at < 3; at++) {
        const plan p = {.threads = 4,
                        .batches = 10,
                        .emit = NDR_EMIT_ALL,
                        .fail_at = AT_READER,
                        .fail_batch = at};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_NOMEM);
        assert_int_equal(o.filled, 0);
        assert_int_equal(o.stats.messages, 0);
        forget(&o);
    }
}

static void
stop_test(void **state)
{
    (void)state;
    const plan whole = {
        .threads = 1, .batches = 500, .emit = NDR_EMIT_ALL, .fail_at = AT_NONE};
    outcome all = go(&whole);
    for (unsigned threads = 1; threads <= 8; threads++) {
        const plan p = {.threads = threads,
                        .batches = 500,
                        .emit = NDR_EMIT_ALL,
                        .fail_at = AT_NONE,
                        .stop_behind = 10};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_STOPPED);
        assert_string_equal(o.err.text, "stopped");
        assert_true(o.filled < 500);
        assert_int_equal(o.progress,
                         o.filled); /* what was taken up is finished and written */
        assert_true(threads > 1 || o.filled == 10);
        assert_memory_equal(o.text.ptr, all.text.ptr, o.text.len);
        forget(&o);
    }
    forget(&all);
}

typedef struct chain_row {
    const char *why;
    enum place fail_at;
} chain_row;

static const chain_row chains[] = {
    {"nobody waits for a batch that failed as it was begun", AT_BEGIN},
    {"nobody waits for a batch that failed as it was read", AT_NEXT},
    {"nobody waits for a batch whose record failed", AT_RENDER},
};

static void
chain_test(void **state)
{
    const chain_row *row = *state;
    for (unsigned threads = 2; threads <= 8; threads += 3) {
        const plan p = {.threads = threads,
                        .batches = CHAINED,
                        .emit = NDR_EMIT_ALL,
                        .fail_at = row->fail_at,
                        .fail_batch = 5,
                        .chained = true};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_DAMAGED);
        forget(&o);
    }
}

static void
nothing_test(void **state)
{
    (void)state;
    for (unsigned threads = 0; threads <= 4; threads += 2) { /* 0 is 1 */
        const plan p = {
            .threads = threads, .batches = 0, .emit = NDR_EMIT_ALL, .fail_at = AT_NONE};
        outcome o = go(&p);
        assert_int_equal(o.code, 0);
        assert_int_equal(o.stats.messages, 0);
        assert_int_equal(o.text.len, 0);
        forget(&o);
    }
}

static void
size_test(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        const plan p = {.threads = 1,
                        .cpus = 1,
                        .batches = 1,
                        .source_unsized = i == 0,
                        .sink_unsized = i == 1};
        outcome o = go(&p);
        assert_int_equal(o.code, NDR_E_INVAL);
        assert_non_null(strstr(o.err.text, i == 0 ? "ndr_source" : "ndr_sink"));
        assert_int_equal(o.filled, 0);
        forget(&o);
    }
}

int
main(void)
{
    add_test("the rules compile", build);
    ADD_ROWS(sames, same_test);
    add_test("messages are numbered over the batches of their stream", numbers_test);
    add_test("trouble is told in input order and ends nothing", trouble_test);
    ADD_ROWS(fails, fail_test);
    add_test("no memory for a reader", memory_test);
    add_test("a stopped run finishes what it took up", stop_test);
    ADD_ROWS(chains, chain_test);
    add_test("no input", nothing_test);
    add_test("a source or a sink without its size is refused", size_test);
    add_test("the rules are freed", drop);
    return run_added("run");
}
