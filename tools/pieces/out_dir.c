/* SPDX-License-Identifier: BSD-3-Clause */
/* out_dir.c - see out_dir.h. */
#include "out_dir.h"

#include "app/commands.h"
#include "ndr_file.h"
#include "ndr_piece_file.h"
#include "ndr_trouble.h"
#include "piece_counts.h"
#include "piece_proofs.h"
#include "piece_text.h"
#include "pieces_plan.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bounces to be counted. */
typedef struct noted {
    ndr_buffer records;
    uint64_t undated;
} noted;

/* What a worker has at hand. */
typedef struct hand {
    out_dir *d;
    ndr_reader *reader;
    size_t piece;
    tally tally; /* of the batch at hand */
    noted noted;
    proof_hand proofs;
} hand;

/* The worker's own, while it is in a batch: whoever looks at a message is not told of
 * which batch it is. */
static _Thread_local hand *at_hand;

struct out_dir {
    out_dir_opts opts;
    int dir;
    ndr_source source; /* around `in` */
    ndr_source *in;
    ndr_sink sink;
    ndr_sink *render; /* what writes records, which is given no descriptor */

    bool any; /* a piece is at hand */
    size_t piece;
    int folder; /* its result's, or -1 */
    ndr_piece_writer *writer;
    piece_counts counts;
    piece_text text;
    ndr_buffer pending, last;
    end_record end;
    ndr_stats so_far, before; /* but for what a tally holds: counts alone */
    size_t finished;
    int unread; /* the errno of what the piece at hand could not read; 0: all was */
    size_t unread_pieces;
    ndr_error unread_err;

    pthread_mutex_t lock; /* guards both */
    tally *tallies;       /* one a piece, all zero at first */
    noted *noted;         /* the same, until a batch of the piece is written */
    bool counts_kept;     /* the scan is by the time of arrival */
    piece_proofs *proofs; /* of who counts weak proofs; NULL: verdicts are given */
    end_judged_by judged_by;
};

/* Which results are these? */
static const char *
word_of(const out_dir *d)
{
    return d->proofs != NULL ? PIECE_PROOFS : settings_outputs[d->opts.output];
}

/* ---- the folder -----------------------------------------------------------------------
 */

/* The plan under a name that tells it from others: merge finds it there. */
static int
put_plan(const out_dir *d, ndr_error *err)
{
    char name[64];
    struct stat st;
    ndr_buffer text = {0};
    ndr_new_file file;
    (void)snprintf(name, sizeof name, "plan-%016" PRIx64, d->opts.plan->hash);
    if (fstatat(d->dir, name, &st, 0) == 0 && st.st_size > 0)
        return 0;
    (void)plan_file_text(d->opts.plan, &text);
    int code = text.failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for a plan") : 0;
    if (code == 0 && !ndr_new_file_begin(&file, d->dir, NULL, 0600))
        code = ndr_fail(err, NDR_E_SYS, "%s/%s", d->opts.path, name);
    else if (code == 0 && !ndr_write_all(file.fd, (ndr_slice){text.ptr, text.len})) {
        code = ndr_fail(err, NDR_E_SYS, "%s/%s", d->opts.path, name);
        ndr_new_file_drop(&file);
    } else if (code == 0 && ndr_new_file_put(&file, name, true) != NDR_NEW_FILE_DONE) {
        code = ndr_fail(err, NDR_E_SYS, "%s/%s", d->opts.path, name);
    }
    ndr_buffer_free(&text);
    return code;
}

int
out_dir_open(const out_dir_opts *how, out_dir **ret, ndr_error *err)
{
    out_dir *d = calloc(1, sizeof *d);
    if (d == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for results");
    d->opts = *how;
    d->dir = d->folder = -1;
    (void)pthread_mutex_init(&d->lock, NULL); /* cannot fail with these attributes */
    const size_t count = how->plan->plan.piece_count;
    d->counts_kept = settings_count(&how->plan->settings) && how->count_first == NULL;
    d->tallies = calloc(count > 0 ? count : 1, sizeof *d->tallies);
    d->noted = calloc(count > 0 ? count : 1, sizeof *d->noted);
    int code = d->tallies == NULL || d->noted == NULL
                   ? ndr_fail(err, NDR_E_NOMEM, "no memory for results")
                   : ndr_folders_make(how->path, 0, 0700, true, err);
    if (code == 0 && how->count_first != NULL)
        code = piece_proofs_new(how->count_first, count, &d->proofs, err);
    if (code == 0) {
        d->dir = open(how->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (d->dir < 0)
            code = ndr_fail(err, NDR_E_SYS, "open '%s'", how->path);
    }
    if (code == 0)
        code = put_plan(d, err);
    if (code != 0) {
        out_dir_close(d);
        return code;
    }
    *ret = d;
    return 0;
}

static void
drop_piece(out_dir *d)
{
    ndr_piece_writer_free(d->writer);
    d->writer = NULL;
    piece_counts_drop(&d->counts);
    if (d->folder >= 0)
        (void)close(d->folder); /* was only named in */
    d->folder = -1;
    end_record_free(&d->end);
    d->any = false;
}

void
out_dir_close(out_dir *d)
{
    if (d == NULL)
        return;
    drop_piece(d);
    const size_t count = d->opts.plan->plan.piece_count;
    for (size_t i = 0; d->tallies != NULL && i < count; i++)
        tally_free(&d->tallies[i]);
    for (size_t i = 0; d->noted != NULL && i < count; i++)
        ndr_buffer_free(&d->noted[i].records);
    free(d->tallies);
    free(d->noted);
    piece_proofs_free(d->proofs);
    ndr_buffer_free(&d->pending);
    ndr_buffer_free(&d->last);
    piece_text_free(&d->text);
    if (d->dir >= 0)
        (void)close(d->dir); /* was only named in */
    (void)pthread_mutex_destroy(&d->lock);
    free(d);
}

int
out_dir_folder(const out_dir *d)
{
    return d->dir;
}

void
out_dir_judge_by(out_dir *d, uint64_t proofs)
{
    d->judged_by = (end_judged_by){.known = true, .sum = proofs};
}

/* Was the result made as this run makes its own? */
static bool
is_made_alike(const out_dir *d, const end_record *e)
{
    const settings *plan = &d->opts.plan->settings;
    if (d->proofs != NULL)
        return settings_judge_differ(&e->settings, plan) == SETTING_COUNT;
    return settings_differ(&e->settings, plan) == SETTING_COUNT &&
           e->judged_by.known == d->judged_by.known &&
           e->judged_by.sum == d->judged_by.sum;
}

int
out_dir_has(out_dir *d, size_t piece, bool verify, ndr_error *err)
{
    const plan_file *f = d->opts.plan;
    const ndr_plan_piece *p = &f->plan.piece[piece];
    end_record end;
    const int got = result_read(d->dir, p, word_of(d), &end, NULL, NULL, NULL, err);
    if (got == NDR_E_DAMAGED || got == NDR_E_LIMIT)
        return 0; /* it is made again */
    if (got <= 0)
        return got;
    int has = is_made_alike(d, &end);
    uint64_t stamp = p->stamp, sum = end.sum;
    int code = 0;
    if (has && end.stamp != stamp) {
        code = ndr_plan_stamp(&f->plan, piece, &stamp, err);
        has = code == 0 && end.stamp == stamp;
    }
    if (has && code == 0 && d->counts_kept) {
        has = end.counted.known ? piece_counts_there(d->dir, p, &end.counted, err) : 0;
        code = has < 0 ? has : 0;
    }
    if (has > 0 && verify) /* what cannot be read is told by who makes it again */
        has = ndr_plan_sum(&f->plan, piece, &sum, NULL) == 0 && sum == end.sum;
    end_record_free(&end);
    return code < 0 ? code : has;
}

/* ---- one piece
 * ------------------------------------------------------------------------- */

static int
begin_piece(out_dir *d, const ndr_plan_batch *b, ndr_error *err)
{
    const ndr_plan *plan = &d->opts.plan->plan;
    const ndr_plan_piece *p = &plan->piece[b->piece];
    char name[RESULT_NAME_BYTES];
    d->any = true;
    d->piece = b->piece;
    d->end = (end_record){.id = {p->id[0], p->id[1]}, .stamp = b->stamp};
    d->before = d->so_far;
    d->text = (piece_text){
        .output = d->proofs == NULL ? d->opts.output : NDR_OUTPUT_JSONL,
        .index = p->partial,
        .offset = p->partial && plan->source[p->first].what == NDR_PLAN_FRAMES};
    ndr_buffer_clear(&d->last);
    result_name(p, "", false, name);
    name[2] = '\0'; /* the folder alone */
    if (mkdirat(d->dir, name, 0700) != 0 && errno != EEXIST)
        return ndr_fail(err, NDR_E_SYS, "%s/%s", d->opts.path, name);
    d->folder = openat(d->dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->folder < 0)
        return ndr_fail(err, NDR_E_SYS, "%s/%s", d->opts.path, name);
    int code = ndr_piece_writer_new(d->folder, d->opts.zstd, &d->writer, err);
    ndr_buffer_clear(&d->pending);
    piece_text_begin(&d->text, &d->pending);
    if (code == 0)
        code = ndr_piece_writer_add(d->writer,
                                    (ndr_slice){d->pending.ptr, d->pending.len}, err);
    if (code != 0)
        ndr_error_prefix(err, "%s/%s: a result", d->opts.path, name);
    return code;
}

/* What the run counted since the piece began. */
static void
take_counts(out_dir *d)
{
    const ndr_stats *a = &d->before, *b = &d->so_far;
    ndr_stats *c = &d->end.counts;
    *c = (ndr_stats){
        .messages = b->messages - a->messages,
        .bytes = b->bytes - a->bytes,
        .bounces = b->bounces - a->bounces,
        .junk = b->junk - a->junk,
        .suspects = b->suspects - a->suspects,
        .truncated = b->truncated - a->truncated,
        .judged = b->judged - a->judged,
        .spared = b->spared - a->spared,
        .sources_failed = b->sources_failed - a->sources_failed,
    };
    for (int k = 0; k < NDR_KIND_COUNT; k++)
        c->by_kind[k] = b->by_kind[k] - a->by_kind[k];
    for (int k = 0; k < NDR_WHOSE_COUNT; k++)
        c->by_whose[k] = b->by_whose[k] - a->by_whose[k];
    if (d->proofs == NULL)
        return;
    c->junk = c->judged = c->spared = 0; /* no verdict was given */
    memset(c->by_whose, 0, sizeof c->by_whose);
}

/* What was counted of weak proofs, where that is the result. */
static int
take_proofs(out_dir *d, ndr_error *err)
{
    if (d->proofs == NULL)
        return 0;
    ndr_buffer_clear(&d->pending);
    piece_proofs_end(d->proofs, d->piece, &d->pending);
    return d->pending.failed
               ? ndr_fail(err, NDR_E_NOMEM, "no memory to count weak proofs")
               : ndr_piece_writer_add(d->writer,
                                      (ndr_slice){d->pending.ptr, d->pending.len}, err);
}

/* What is to be counted of the piece, as far as its batches have come. */
static int
take_noted(out_dir *d, ndr_error *err)
{
    (void)pthread_mutex_lock(&d->lock);
    noted n = d->noted[d->piece];
    d->noted[d->piece] = (noted){0};
    (void)pthread_mutex_unlock(&d->lock);
    d->counts.told.undated += n.undated;
    int code = n.records.failed
                   ? ndr_fail(err, NDR_E_NOMEM, "no memory for bounces to be counted")
                   : piece_counts_add(&d->counts, d->folder,
                                      (ndr_slice){n.records.ptr, n.records.len}, err);
    ndr_buffer_free(&n.records);
    return code;
}

/* The bounces of the piece under their name, before the result that says that they are
 * there. */
static int
finish_counts(out_dir *d, const ndr_plan_piece *p, ndr_error *err)
{
    char name[PIECE_COUNTS_NAME_BYTES];
    if (!d->counts_kept)
        return 0;
    piece_counts_name(p, name);
    int code = take_noted(d, err);
    if (code == 0)
        code = piece_counts_end(&d->counts, d->folder, name + 3, err);
    if (code != 0)
        ndr_error_prefix(err, "%s/%s", d->opts.path, name);
    d->end.counted = d->counts.told;
    d->end.counted.known = true;
    return code;
}

/* The piece at hand has no result: what could not be read is not done. */
static void
leave_unread(out_dir *d)
{
    ndr_error err = {.code = NDR_E_SYS, .sys_errno = d->unread};
    d->unread_pieces++;
    if (d->unread_err.code == 0 || pieces_status(&err) != EXIT_NOT_RUN)
        d->unread_err = err;
    d->unread = 0;
    drop_piece(d);
}

static int
finish_piece(out_dir *d, ndr_error *err)
{
    const ndr_plan *plan = &d->opts.plan->plan;
    const ndr_plan_piece *p = &plan->piece[d->piece];
    char name[RESULT_NAME_BYTES], other[RESULT_NAME_BYTES];
    ndr_buffer line = {0};
    if (d->unread != 0) {
        leave_unread(d);
        return 0;
    }
    int code = finish_counts(d, p, err);
    if (code == 0)
        code = take_proofs(d, err);
    if (code != 0)
        return code;
    take_counts(d);
    d->end.judged_by = d->judged_by;
    d->end.records_bytes = ndr_piece_writer_bytes(d->writer);
    d->end.records_hash = ndr_piece_writer_sum(d->writer);
    d->end.settings = d->opts.plan->settings; /* lent */
    d->end.tally = d->tallies[d->piece];
    end_record_write(&d->end, piece_name(plan, p), p, &line);
    const bool failed = line.failed || d->end.tally.failed;
    d->end.settings = (settings){0};
    d->end.tally = (tally){0};
    tally_free(&d->tallies[d->piece]);
    const char *output = word_of(d);
    result_name(p, output, d->opts.zstd, name);
    result_name(p, output, !d->opts.zstd, other);
    code = failed ? ndr_fail(err, NDR_E_NOMEM, "no memory for an end record")
                  : ndr_piece_writer_end(d->writer, (ndr_slice){line.ptr, line.len},
                                         name + 3, err);
    if (code != 0)
        ndr_error_prefix(err, "%s/%s", d->opts.path, name);
    else if (unlinkat(d->dir, other, 0) != 0 && errno != ENOENT)
        code =
            ndr_fail(err, NDR_E_SYS, "%s/%s: remove the old result", d->opts.path, other);
    ndr_buffer_free(&line);
    d->finished += code == 0;
    drop_piece(d);
    return code;
}

int
out_dir_finish(out_dir *d, ndr_error *err)
{
    return d->any ? finish_piece(d, err) : 0;
}

size_t
out_dir_finished(const out_dir *d)
{
    return d->finished;
}

size_t
out_dir_unread(const out_dir *d, ndr_error *ret)
{
    *ret = d->unread_err;
    return d->unread_pieces;
}

/* ---- the sink
 * --------------------------------------------------------------------------- */

static out_dir *
of_sink(const ndr_sink *s)
{
    return (out_dir *)((uintptr_t)s - offsetof(out_dir, sink));
}

static int
sink_render(const ndr_sink *s, ndr_batch *b, const ndr_message *m, const ndr_verdict *v,
            ndr_error *err)
{
    const out_dir *d = of_sink(s);
    return d->proofs != NULL ? 0 : d->render->render(d->render, b, m, v, err);
}

static int
sink_commit(ndr_sink *s, const ndr_batch *b, uint64_t base, ndr_error *err)
{
    out_dir *d = of_sink(s);
    const ndr_plan_batch of = ndr_input_batch(b);
    int code = 0;
    if (d->any && of.piece != d->piece)
        code = finish_piece(d, err);
    if (code == 0 && !d->any)
        code = begin_piece(d, &of, err);
    if (code != 0)
        return code;
    if (d->unread == 0)
        d->unread = ndr_batch_unread(b);
    d->end.sum += of.sum;
    d->end.content += of.content;
    d->end.broken = d->end.broken || of.broken;
    d->end.lied = d->end.lied || of.lied;
    ndr_buffer_clear(&d->pending);
    piece_text_put(&d->text, b, base, &d->last, &d->pending);
    if (d->pending.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to gather records");
    code = d->counts_kept ? take_noted(d, err) : 0;
    if (code == 0)
        code = ndr_piece_writer_add(d->writer,
                                    (ndr_slice){d->pending.ptr, d->pending.len}, err);
    if (code != 0)
        ndr_error_prefix(err, "%s: a result", d->opts.path);
    return code;
}

static int
sink_close(ndr_sink *s, ndr_error *err)
{
    out_dir *d = of_sink(s);
    (void)err;
    (void)d->render->close(d->render, NULL); /* it has no descriptor to write to */
    return 0;
}

int
out_dir_sink(out_dir *d, ndr_sink **ret, ndr_error *err)
{
    const int code = ndr_output_open(d->opts.output, -1, &d->render, err);
    d->sink = (ndr_sink){NDR_SIZED(ndr_sink), sink_render, sink_commit, sink_close};
    *ret = &d->sink;
    return code;
}

void
out_dir_progress(out_dir *d, const ndr_stats *so_far)
{
    d->so_far = *so_far;
}

int
out_dir_trouble(out_dir *d, const char *source, const char *text)
{
    return end_record_trouble(&d->end, source, text) ? 0 : NDR_E_NOMEM;
}

/* ---- the source
 * ------------------------------------------------------------------------- */

static out_dir *
of_source(const ndr_source *s)
{
    return (out_dir *)((uintptr_t)s - offsetof(out_dir, source));
}

static int
source_fill(ndr_source *s, ndr_batch *b, ndr_error *err)
{
    ndr_source *in = of_source(s)->in;
    return in->fill(in, b, err);
}

static void
source_drop(ndr_source *s, ndr_batch *b)
{
    ndr_source *in = of_source(s)->in;
    in->drop(in, b);
}

static ndr_reader *
source_reader_new(ndr_source *s)
{
    out_dir *d = of_source(s);
    hand *h = calloc(1, sizeof *h);
    if (h == NULL)
        return NULL;
    h->d = d;
    if (d->proofs == NULL || proof_hand_begin(d->proofs, &h->proofs, NULL) == 0)
        h->reader = d->in->reader_new(d->in);
    if (h->reader != NULL)
        return (ndr_reader *)(void *)h;
    ndr_prover_free(h->proofs.prover);
    free(h);
    return NULL;
}

static void
source_reader_free(ndr_source *s, ndr_reader *r)
{
    ndr_source *in = of_source(s)->in;
    hand *h = (hand *)(void *)r;
    in->reader_free(in, h->reader);
    ndr_prover_free(h->proofs.prover);
    tally_free(&h->tally);
    ndr_buffer_free(&h->noted.records);
    free(h);
}

static int
source_begin(ndr_source *s, ndr_reader *r, ndr_batch *b, ndr_error *err)
{
    ndr_source *in = of_source(s)->in;
    hand *h = (hand *)(void *)r;
    h->piece = ndr_input_batch(b).piece;
    tally_clear(&h->tally);
    ndr_buffer_clear(&h->noted.records);
    h->noted.undated = 0;
    at_hand = h;
    return in->begin(in, h->reader, b, err);
}

static int
source_next(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    out_dir *d = of_source(s);
    hand *h = (hand *)(void *)r;
    const int got = d->in->next(d->in, h->reader, m, err);
    if (got == 0 && (h->tally.count > 0 || h->tally.other > 0 || h->tally.failed)) {
        noted *n = &d->noted[h->piece];
        const ndr_buffer *records = &h->noted.records;
        (void)pthread_mutex_lock(&d->lock);
        tally_join(&d->tallies[h->piece], &h->tally);
        ndr_buffer_add(&n->records, (ndr_slice){records->ptr, records->len});
        n->records.failed = n->records.failed || records->failed;
        n->undated += h->noted.undated;
        (void)pthread_mutex_unlock(&d->lock);
        tally_clear(&h->tally);
        ndr_buffer_clear(&h->noted.records);
        h->noted.undated = 0;
    }
    if (got == 0 && d->proofs != NULL)
        return piece_proofs_take(d->proofs, h->piece, &h->proofs, err);
    return got;
}

static int
source_extend(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    ndr_source *in = of_source(s)->in;
    return in->extend(in, ((hand *)(void *)r)->reader, m, err);
}

static void
source_stop(ndr_source *s)
{
    ndr_source *in = of_source(s)->in;
    in->stop(in);
}

static void
source_close(ndr_source *s)
{
    ndr_source *in = of_source(s)->in;
    in->close(in);
}

void
out_dir_source(out_dir *d, ndr_source *in, ndr_source **ret)
{
    d->in = in;
    d->source = (ndr_source){
        NDR_SIZED(ndr_source),
        .fill = source_fill,
        .drop = source_drop,
        .reader_new = source_reader_new,
        .reader_free = source_reader_free,
        .begin = source_begin,
        .next = source_next,
        .extend = source_extend,
        .stop = source_stop,
        .close = source_close,
    };
    *ret = &d->source;
}

void
out_dir_look(const out_dir *d, const ndr_message *m, const ndr_verdict *v)
{
    const ndr_windows *w = d->opts.windows;
    if (v->decision == NDR_NONE)
        return;
    const bool junk = v->decision == NDR_JUNK;
    tally_add(&at_hand->tally, v->domain, 1, junk);
    if (d->counts_kept && ndr_count_note(m, v, &at_hand->noted.records) == NDR_COUNT_NOT)
        at_hand->noted.undated++;
    if (junk && w != NULL && v->window != NULL)
        tally_add_window(&at_hand->tally, (size_t)(v->window - w->row), w->count, 1);
}

int
out_dir_prove(void *ctx, ndr_slice header, const ndr_returned_bytes *returned,
              const ndr_verdict *v, ndr_evidence *ret, ndr_error *err)
{
    (void)ctx;
    return proof_hand_judge(&at_hand->proofs, header, returned, v, ret, err);
}
