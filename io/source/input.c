/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * input.c - what is read next, and by whom?
 *
 * The fill thread only plans where it can: a large plain mbox becomes ranges, a zstd
 * file with an mbox in many frames becomes runs of them, files become runs of names. Only
 * what must be read in order (standard input, large compressed files and archives) is
 * read here.
 */
#include "input.h"

#include "ndr_sized.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAMES_MAX = 128,
    AHEAD_LEAST_BYTES = 1 << 20, /* of a file that is worth a thread */
};

static bool
stopped(const ndr_input *in)
{
    return atomic_load(&in->wake.set);
}

/* ---- one file ------------------------------------------------------------------------
 */

bool
ndr_input_names_fit(const ndr_work *w, const ndr_place *folder, enum ndr_finding finding)
{
    return w->kind == NDR_WORK_NONE ||
           (w->kind == NDR_WORK_NAMES && w->place == folder && w->finding == finding);
}

int
ndr_input_add_name(ndr_work *w, ndr_place *folder, enum ndr_finding finding,
                   const char *name, size_t files, ndr_error *err)
{
    if (w->kind == NDR_WORK_NONE) {
        w->kind = NDR_WORK_NAMES;
        w->finding = finding;
        w->place = folder != NULL ? ndr_place_ref(folder) : NULL;
    }
    w->expanded_least = ndr_expanded_least(files);
    ndr_buffer_add(&w->text, (ndr_slice){(const unsigned char *)name, strlen(name) + 1});
    if (w->text.failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for names");
    w->count++;
    return 0;
}

bool
ndr_input_run_fits(const ndr_input *in, const ndr_work *w, size_t at)
{
    return w->kind == NDR_WORK_NONE ||
           (w->ahead == in->run.ahead &&
            (w->ahead == NULL || w->ahead_first + w->count == at));
}

bool
ndr_input_run_knows(const ndr_input *in, size_t at, struct stat *ret)
{
    uint64_t bytes;
    if (in->run.ahead == NULL || !ndr_ahead_size(in->run.ahead, at, &bytes))
        return false;
    *ret = (struct stat){.st_mode = S_IFREG, .st_size = (off_t)bytes};
    return true;
}

void
ndr_input_run_take(ndr_input *in, ndr_work *w, size_t at)
{
    if (w->kind != NDR_WORK_NONE || in->run.ahead == NULL)
        return;
    w->ahead = ndr_ahead_ref(in->run.ahead);
    w->ahead_first = at;
}

uint64_t
ndr_input_frames_bytes(const ndr_input *in)
{
    return 2 * (uint64_t)in->limits.range_bytes;
}

int
ndr_input_begin_large(ndr_input *in, int dir, const char *name, const char *shown,
                      bool named, ndr_error *err)
{
    ndr_large_file f;
    const int code = ndr_large_open(dir, name, named, in->limits.format,
                                    ndr_input_frames_bytes(in), &f, err);
    if (code != 0 || f.how == NDR_LARGE_NONE)
        return code;
    ndr_place *place = ndr_place_new(f.fd, shown);
    if (place == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open a file");
    const uint64_t size = (uint64_t)f.st.st_size;
    in->stream++;
    in->marks = f.marks;
    switch (f.how) {
    case NDR_LARGE_NONE:
        break;
    case NDR_LARGE_MBOX:
        in->range = place;
        in->range_at = 0;
        in->range_until = in->range_bytes = size;
        ndr_fetcher_begin(&in->fetch, f.fd, size);
        (void)posix_fadvise(f.fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
        break;
    case NDR_LARGE_FRAMES:
        in->frames = place;
        in->frames_bytes = size;
        in->frames_limit = ndr_expanded_limit(in->limits.expanded_bytes, size);
        ndr_zstd_walk_begin(&in->frames_walk, f.fd, size);
        ndr_fetcher_begin(&in->fetch, f.fd, size);
        break;
    case NDR_LARGE_STREAM:
        in->packed = place;
        in->packed_bytes = size;
        ndr_packer_open(&in->packer, &in->limits, f.fd, true, false, &in->wake, size,
                        in->limits.format);
        in->packer.file_time = (int64_t)f.st.st_mtime;
        if (in->read_ahead && f.packed && f.st.st_size >= AHEAD_LEAST_BYTES)
            ndr_fd_feed_ahead(&in->packer.stored, &in->cache);
        break;
    }
    return 1;
}

/* ---- what is at hand
 * ------------------------------------------------------------------- */

static int
fill_range(ndr_input *in, ndr_batch *b, ndr_work *w)
{
    const uint64_t left = in->range_until - in->range_at;
    const uint64_t size = left < in->limits.range_bytes ? left : in->limits.range_bytes;
    w->kind = NDR_WORK_RANGE;
    w->marks = in->marks;
    w->file_bytes = in->range_bytes;
    w->place = ndr_place_ref(in->range);
    w->from = in->range_at;
    w->until = in->range_at + size;
    w->cold = ndr_fetcher_at(&in->fetch, w->from);
    b->stream = in->stream;
    b->bytes += size;
    in->range_at += size;
    if (in->range_at == in->range_until) {
        ndr_place_unref(in->range);
        in->range = NULL;
    }
    return NDR_FILL_FILLED;
}

static void
end_frames(ndr_input *in)
{
    ndr_place_unref(in->frames);
    ndr_zstd_link_unref(in->frames_link);
    in->frames = NULL;
    in->frames_link = NULL;
}

static int
fill_frames(ndr_input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    ndr_zstd_walk *walk = &in->frames_walk;
    if (walk->at == walk->file_bytes || ndr_zstd_link_broken(in->frames_link)) {
        end_frames(in);
        return NDR_FILL_GO_ON;
    }
    ndr_zstd_link *own = ndr_zstd_link_new();
    if (own == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
    w->kind = NDR_WORK_FRAMES;
    w->marks = in->marks;
    w->place = ndr_place_ref(in->frames);
    w->from = walk->at;
    w->cold = ndr_fetcher_at(&in->fetch, w->from);
    w->until = ndr_zstd_walk_range(walk, ndr_input_frames_bytes(in), &w->content_most);
    w->file_bytes = in->frames_bytes;
    w->content_limit = in->frames_limit;
    w->link_before = in->frames_link;
    w->link_own = own;
    in->frames_link = ndr_zstd_link_ref(own);
    b->stream = in->stream;
    b->bytes += w->until - w->from;
    return NDR_FILL_FILLED;
}

static int
fill_packed(ndr_input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    b->stream = in->stream;
    ndr_pool_take(&in->pool, &w->bytes);
    const int code = ndr_packer_fill(&in->packer, b, w, in->packed->path, err);
    if (w->count > 0)
        w->place = ndr_place_ref(in->packed);
    const int summed = code >= 0 && in->planned.plan != NULL
                           ? ndr_input_plan_stream(in, b, w, code != 1, err)
                           : 0;
    if (code != 1) {
        ndr_packer_close(&in->packer);
        ndr_place_unref(in->packed);
        in->packed = NULL;
    }
    if (code < 0 || summed < 0)
        return code < 0 ? code : summed;
    if (w->count > 0)
        return NDR_FILL_FILLED;
    w->kind = NDR_WORK_NONE;
    b->stream = 0;
    return NDR_FILL_GO_ON;
}

/* ---- the port
 * ---------------------------------------------------------------------------- */

static int
fill_some(ndr_input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    uint64_t bytes = 0; /* that the names in the batch stand for, as far as known */
    for (;;) {
        if (stopped(in))
            return w->kind != NDR_WORK_NONE ? NDR_FILL_FILLED : NDR_FILL_NOTHING;
        if (w->kind == NDR_WORK_NAMES &&
            (w->count >= NAMES_MAX || bytes >= in->limits.batch_bytes))
            return NDR_FILL_FILLED;
        int code;
        if (in->range != NULL) {
            code = w->kind != NDR_WORK_NONE ? NDR_FILL_FILLED : fill_range(in, b, w);
        } else if (in->frames != NULL) {
            code =
                w->kind != NDR_WORK_NONE ? NDR_FILL_FILLED : fill_frames(in, b, w, err);
        } else if (in->packed != NULL) {
            code =
                w->kind != NDR_WORK_NONE ? NDR_FILL_FILLED : fill_packed(in, b, w, err);
        } else if (in->walk.at < in->walk.name_count) {
            code = ndr_input_fill_name(in, b, w, &bytes, err);
        } else if (in->walk.folder != NULL || in->walk.pending_count > 0) {
            code = ndr_input_step_walk(in, b, err);
        } else if (in->planned.plan != NULL) {
            code = ndr_input_plan_step(in, b, w, &bytes, err);
        } else {
            code = ndr_input_find_path(in, b, w->kind == NDR_WORK_NONE, err);
            if (code == NDR_FEED_WAIT)
                code = NDR_FILL_FILLED;
            else if (code == 0)
                return w->kind != NDR_WORK_NONE ? NDR_FILL_FILLED : NDR_FILL_NOTHING;
            else if (code == 1)
                code = ndr_input_begin_path(in, b, w, &bytes, err);
        }
        if (code != NDR_FILL_GO_ON)
            return code;
    }
}

static int
input_fill(ndr_source *s, ndr_batch *b, ndr_error *err)
{
    ndr_input *in = (ndr_input *)s;
    if (b->work == NULL && (b->work = calloc(1, sizeof(ndr_work))) == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
    ndr_work *w = b->work;
    ndr_work_clear(w, in->limits.batch_bytes);
    b->stream = 0;
    b->bytes = 0;
    int code = fill_some(in, b, w, err);
    if (code == NDR_FILL_NOTHING && b->trouble != NULL)
        code = 1; /* trouble behind the last message travels in a batch without any */
    if (code == 1 && in->planned.plan != NULL)
        ndr_input_plan_mark(in, w);
    if (code == 1 && ndr_work_takes_room(w))
        ndr_large_slot_lend(&in->room);
    return code;
}

static void
input_drop(ndr_source *s, ndr_batch *b)
{
    (void)s;
    if (b->work != NULL)
        ndr_work_free(b->work);
    free(b->work);
    b->work = NULL;
}

static ndr_reader *
input_reader_new(ndr_source *s)
{
    return ndr_reader_new(&((ndr_input *)s)->limits);
}

static void
input_reader_free(ndr_source *s, ndr_reader *r)
{
    (void)s;
    ndr_reader_free(r);
}

static int
input_begin(ndr_source *s, ndr_reader *r, ndr_batch *b, ndr_error *err)
{
    (void)s;
    return ndr_reader_begin(r, b, err);
}

static int
input_next(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    (void)s;
    return ndr_reader_next(r, m, err);
}

static int
input_extend(ndr_source *s, ndr_reader *r, ndr_message *m, ndr_error *err)
{
    (void)s;
    return ndr_reader_extend(r, m, err);
}

static void
input_stop(ndr_source *s)
{
    ndr_input *in = (ndr_input *)s;
    const uint64_t one = 1;
    const int saved = errno; /* may be called from a signal handler */
    atomic_store(&in->wake.set, true);
    while (write(in->wake.fd, &one, sizeof one) < 0 && errno == EINTR)
        continue; /* any other failure: it is set already */
    errno = saved;
}

static void
input_close(ndr_source *s)
{
    ndr_input *in = (ndr_input *)s;
    if (in->listing)
        ndr_list_close(&in->list);
    ndr_walk_free(&in->walk);
    ndr_path_run_leave(&in->run);
    ndr_ahead_free(in->ahead);
    ndr_place_unref(in->range);
    ndr_place_unref(in->planned.folder);
    end_frames(in);
    ndr_packer_free(&in->packer); /* which may read the place's file until then */
    ndr_place_unref(in->packed);
    ndr_large_slot_done(&in->room);
    ndr_pool_done(&in->pool);
    (void)close(in->wake.fd); /* nothing is kept in it */
    free(in);
}

/* Standard input can be read once. */
static bool
stdin_twice(const ndr_input_opts *opts)
{
    unsigned uses = opts->files_from != NULL && strcmp(opts->files_from, "-") == 0;
    for (size_t i = 0; i < opts->path_count; i++)
        uses += strcmp(opts->path[i], "-") == 0;
    return uses > 1;
}

/* What is known of the input's size before anything is read. */
static void
count_total(ndr_input *in)
{
    uint64_t total = 0;
    bool open = in->files_from != NULL;
    for (size_t i = 0; i < in->path_count; i++) {
        struct stat st;
        const bool is_stdin = strcmp(in->path[i], "-") == 0;
        if ((is_stdin ? fstat(STDIN_FILENO, &st) : stat(in->path[i], &st)) != 0)
            continue;
        if (S_ISREG(st.st_mode) && st.st_size > 0)
            total += (uint64_t)st.st_size;
        else if (!S_ISREG(st.st_mode))
            open = true;
    }
    atomic_init(&in->total, total);
    atomic_init(&in->total_open, open);
}

bool
ndr_input_total(const ndr_source *s, uint64_t *ret_bytes)
{
    const ndr_input *in = (const ndr_input *)s;
    *ret_bytes = atomic_load(&in->total);
    return !atomic_load(&in->total_open);
}

uint64_t
ndr_input_cold_left(const ndr_source *s)
{
    return ndr_page_cache_left(&((const ndr_input *)s)->cache);
}

/* A source with all but what it is to read. */
static int
open_input(const ndr_input_opts *own, ndr_input **ret, ndr_error *err)
{
    enum { MIB = 1 << 20 };
    ndr_input *in = calloc(1, sizeof *in);
    if (in == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open the input");
    in->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (in->wake.fd < 0) {
        free(in);
        return ndr_fail(err, NDR_E_SYS, "eventfd");
    }
    atomic_init(&in->wake.set, false);
    ndr_large_slot_init(&in->room, &in->wake.set);
    ndr_pool_init(&in->pool);
    ndr_page_cache_init(&in->cache, own->cold_limit_bytes);
    in->port = (ndr_source){
        NDR_SIZED(ndr_source),
        .fill = input_fill,
        .drop = input_drop,
        .reader_new = input_reader_new,
        .reader_free = input_reader_free,
        .begin = input_begin,
        .next = input_next,
        .extend = input_extend,
        .stop = input_stop,
        .close = input_close,
    };
    /* half of what can be counted is no limit either, and leaves room to add to it */
    const size_t most =
        own->message_limit_bytes < SIZE_MAX / 2 ? own->message_limit_bytes : SIZE_MAX / 2;
    in->limits = (ndr_limits){
        .format = own->format,
        .message_bytes = most > 0 ? most : (size_t)NDR_MESSAGE_BYTES,
        .range_bytes = own->range_bytes > 0 ? own->range_bytes : MIB,
        .batch_bytes = own->batch_bytes > 0 ? own->batch_bytes : MIB,
        .expanded_bytes = own->expanded_limit_bytes,
        .room = &in->room,
        .pool = &in->pool,
        .stop = &in->wake.set,
        .cache = &in->cache,
    };
    in->read_ahead = own->read_ahead;
    in->walk.format = own->format;
    in->walk.recursive = own->recursive;
    in->ahead = own->read_ahead ? ndr_ahead_new(NDR_AHEAD_READERS, &in->cache) : NULL;
    in->walk.crew = in->ahead;
    *ret = in;
    return 0;
}

int
ndr_input_open(const ndr_input_opts *opts, ndr_source **ret, ndr_error *err)
{
    ndr_input_opts own;
    ndr_input *in = NULL;
    int code = NDR_SIZED_TAKE(ndr_input_opts, read_ahead, &own, opts, err);
    if (code == 0 && stdin_twice(&own))
        code = ndr_fail(err, NDR_E_SYNTAX, "standard input ('-') can be read only once");
    if (code == 0)
        code = open_input(&own, &in, err);
    if (code != 0)
        return code;
    in->path = own.path;
    in->path_count = own.path_count;
    in->files_from = own.files_from;
    in->files_from_nul = own.files_from_nul;
    count_total(in);
    *ret = &in->port;
    return 0;
}

int
ndr_input_open_plan(const ndr_input_opts *opts, const ndr_plan *plan, const size_t *todo,
                    size_t count, ndr_source **ret, ndr_error *err)
{
    ndr_input_opts own;
    ndr_input *in = NULL;
    int code = NDR_SIZED_TAKE(ndr_input_opts, read_ahead, &own, opts, err);
    own.range_bytes = NDR_PLAN_BLOCK_BYTES; /* what has a sum of its own */
    if (code == 0)
        code = open_input(&own, &in, err);
    if (code != 0)
        return code;
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += plan->piece[todo[i]].bytes;
    in->planned = (ndr_input_planned){.plan = plan, .todo = todo, .todo_count = count};
    atomic_init(&in->total, total);
    atomic_init(&in->total_open, false);
    *ret = &in->port;
    return 0;
}
