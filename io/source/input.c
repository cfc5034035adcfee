/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * input.c - what is read next, and by whom?
 *
 * The fill thread only plans where it can: a large plain mbox becomes ranges, a zstd
 * file with an mbox in many frames becomes runs of them, files become runs of names. Only
 * what must be read in order (standard input, large compressed files and archives) is
 * read here.
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */

#include "work.h"

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
    LISTED = 256, /* files that a list is taken to name: it is not read ahead */
    HEAD_BYTES = 4096,
    PIPE_BYTES = 1 << 20,
    AHEAD_LEAST_BYTES = 1 << 20, /* of a file that is worth a thread */
};

typedef struct input {
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

    const char *held; /* a path that did not fit into the batch before */
    ndr_walk walk;    /* the folders at hand */
    ndr_ahead *ahead; /* reads their files before the workers; or NULL */
    ndr_place *range; /* the mbox at hand */
    uint64_t range_at, range_bytes;
    enum ndr_marks marks; /* of it, or of what is in the frames at hand */
    ndr_fetcher fetch;    /* of either */
    ndr_page_cache cache;
    ndr_place *frames; /* the zstd file at hand that others decode */
    ndr_zstd_walk frames_walk;
    ndr_zstd_link *frames_link; /* of the range before */
    ndr_place *packed;          /* the stream at hand */
    ndr_packer packer;

    atomic_uint_least64_t total; /* bytes of input known */
    atomic_bool total_open;      /* there is more than that */
} input;

/* ---- trouble -------------------------------------------------------------------------
 */

/* A filled batch, not a failed run: note it and go on. */
static void
note(ndr_batch *b, const char *name, const ndr_error *why)
{
    ndr_batch_trouble(b, name, why);
}

static bool
stopped(const input *in)
{
    return atomic_load(&in->wake.set);
}

/* ---- one file ------------------------------------------------------------------------
 */

/* Whether a batch of names can take one that was found like this. */
static bool
names_fit(const ndr_work *w, const ndr_place *folder, enum ndr_finding finding)
{
    return w->kind == NDR_WORK_NONE ||
           (w->kind == NDR_WORK_NAMES && w->place == folder && w->finding == finding);
}

/* `files`: how many there are in the folder, or were named. */
static int
add_name(ndr_work *w, ndr_place *folder, enum ndr_finding finding, const char *name,
         size_t files, ndr_error *err)
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

/* What a large file is, from its first bytes. */
static enum ndr_sniff
sniff_file(int fd, ndr_sniffed *ret, ndr_error *err, int *ret_code)
{
    unsigned char head[HEAD_BYTES];
    ssize_t n;
    *ret = (ndr_sniffed){0};
    do
        n = pread(fd, head, sizeof head, 0);
    while (n < 0 && errno == EINTR);
    *ret_code = n < 0 ? ndr_fail(err, NDR_E_SYS, "read") : 0;
    return n < 0 ? NDR_SNIFF_EMPTY : ndr_sniff(head, (size_t)n, true, ret);
}

/* Content of zstd frames handed to one worker: what must be decoded behind a range, to
 * see its last message's end, is to be little beside it. */
static uint64_t
frames_bytes(const input *in)
{
    return 2 * (uint64_t)in->limits.range_bytes;
}

/*
 * Take up a large file as ranges or as a stream: 1; 0 when it is one message,
 * and better left to a worker; or an ndr_code. `shown` is its path; the file is
 * opened as `name` in `dir`.
 */
static int
begin_large(input *in, int dir, const char *name, const char *shown, bool named,
            ndr_error *err)
{
    const int fd =
        openat(dir, name,
               O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW));
    if (fd < 0)
        return ndr_fail(err, NDR_E_SYS, "not readable");
    struct stat st;
    int code = 0;
    if (fstat(fd, &st) != 0)
        code = ndr_fail(err, NDR_E_SYS, "fstat");
    else if (!S_ISREG(st.st_mode))
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    ndr_sniffed told = {0};
    const enum ndr_sniff what =
        code == 0 ? sniff_file(fd, &told, err, &code) : NDR_SNIFF_EMPTY;
    if (what == NDR_SNIFF_ALIEN)
        code = ndr_fail(err, NDR_E_SYNTAX, "%s", told.alien);
    if (code != 0 || what == NDR_SNIFF_EMPTY) {
        (void)close(fd); /* was only read */
        return code;
    }

    const enum ndr_format format = in->limits.format;
    const bool layered =
        what == NDR_SNIFF_CODEC || what == NDR_SNIFF_ARCHIVE || what == NDR_SNIFF_EMLX;
    const bool mbox = !layered && (format == NDR_FORMAT_MBOX ||
                                   (format == NDR_FORMAT_AUTO && what == NDR_SNIFF_MBOX));
    if (!mbox && !layered && format != NDR_FORMAT_MBOXCL2) {
        (void)close(fd); /* was only read */
        return 0;
    }
    ndr_place *place = ndr_place_new(fd, shown);
    if (place == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open a file");
    in->stream++;
    in->marks = told.marks;
    if (mbox) {
        in->range = place;
        in->range_at = 0;
        in->range_bytes = (uint64_t)st.st_size;
        ndr_fetcher_begin(&in->fetch, fd, in->range_bytes);
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* advice only */
        return 1;
    }
    if (told.codec == &ndr_codecs[0] &&
        ndr_zstd_is_split(fd, (uint64_t)st.st_size, format, frames_bytes(in),
                          &in->marks)) {
        in->frames = place;
        ndr_zstd_walk_begin(&in->frames_walk, fd, (uint64_t)st.st_size);
        ndr_fetcher_begin(&in->fetch, fd, (uint64_t)st.st_size);
        return 1;
    }
    in->packed = place;
    ndr_packer_open(&in->packer, &in->limits, fd, true, false, &in->wake,
                    (uint64_t)st.st_size, format);
    in->packer.file_time = (int64_t)st.st_mtime;
    if (in->read_ahead && told.codec != NULL && st.st_size >= AHEAD_LEAST_BYTES)
        ndr_fd_feed_ahead(&in->packer.stored, &in->cache);
    return 1;
}

/* ---- standard input -------------------------------------------------------------------
 */

static int
begin_stdin(input *in, ndr_error *err)
{
    struct stat st;
    if (fstat(STDIN_FILENO, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "fstat");
    if (S_ISDIR(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    const bool file = S_ISREG(st.st_mode);
    in->stream++;
    if (file && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 &&
        (in->limits.format == NDR_FORMAT_AUTO || in->limits.format == NDR_FORMAT_MBOX)) {
        int code;
        ndr_sniffed told;
        const enum ndr_sniff what = sniff_file(STDIN_FILENO, &told, err, &code);
        if (code != 0)
            return code;
        const int fd =
            what == NDR_SNIFF_MBOX ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : -1;
        if (fd >= 0) {
            in->range = ndr_place_new(fd, "-");
            if (in->range == NULL)
                return ndr_fail(err, NDR_E_NOMEM, "no memory to open a file");
            in->marks = told.marks;
            in->range_at = 0;
            in->range_bytes = (uint64_t)st.st_size;
            ndr_fetcher_begin(&in->fetch, fd, in->range_bytes);
            return 1;
        }
    }
    /* what writes into the pipe can go on while a batch is scanned; where a larger one is
     * not to be had it stays as it is */
    if (S_ISFIFO(st.st_mode))
        (void)fcntl(STDIN_FILENO, F_SETPIPE_SZ, PIPE_BYTES);
    in->packed = ndr_place_new(-1, "-");
    if (in->packed == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory to open a file");
    ndr_packer_open(&in->packer, &in->limits, STDIN_FILENO, true, !file, &in->wake,
                    file && st.st_size > 0 ? (uint64_t)st.st_size : 0, in->limits.format);
    return 1;
}

/* ---- what is at hand
 * ------------------------------------------------------------------- */

enum { NOTHING = 0, FILLED = 1, GO_ON = 2 };

static int
fill_range(input *in, ndr_batch *b, ndr_work *w)
{
    const uint64_t left = in->range_bytes - in->range_at;
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
    if (in->range_at == in->range_bytes) {
        ndr_place_unref(in->range);
        in->range = NULL;
    }
    return FILLED;
}

static void
end_frames(input *in)
{
    ndr_place_unref(in->frames);
    ndr_zstd_link_unref(in->frames_link);
    in->frames = NULL;
    in->frames_link = NULL;
}

static int
fill_frames(input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    ndr_zstd_walk *walk = &in->frames_walk;
    if (walk->at == walk->file_bytes || ndr_zstd_link_broken(in->frames_link)) {
        end_frames(in);
        return GO_ON;
    }
    ndr_zstd_link *own = ndr_zstd_link_new();
    if (own == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
    w->kind = NDR_WORK_FRAMES;
    w->marks = in->marks;
    w->place = ndr_place_ref(in->frames);
    w->from = walk->at;
    w->cold = ndr_fetcher_at(&in->fetch, w->from);
    w->until = ndr_zstd_walk_range(walk, frames_bytes(in), &w->content_most);
    w->file_bytes = walk->file_bytes;
    w->content_limit = ndr_expanded_limit(in->limits.expanded_bytes, walk->file_bytes);
    w->link_before = in->frames_link;
    w->link_own = own;
    in->frames_link = ndr_zstd_link_ref(own);
    b->stream = in->stream;
    b->bytes += w->until - w->from;
    return FILLED;
}

static int
fill_packed(input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    b->stream = in->stream;
    ndr_pool_take(&in->pool, &w->bytes);
    const int code = ndr_packer_fill(&in->packer, b, w, in->packed->path, err);
    if (w->count > 0)
        w->place = ndr_place_ref(in->packed);
    if (code != 1) {
        ndr_packer_close(&in->packer);
        ndr_place_unref(in->packed);
        in->packed = NULL;
    }
    if (code < 0)
        return code;
    if (w->count > 0)
        return FILLED;
    w->kind = NDR_WORK_NONE;
    b->stream = 0;
    return GO_ON;
}

/* The size of the regular file at hand; false for what is none. */
static bool
size_of(const ndr_walk *k, const char *name, uint64_t *ret_bytes)
{
    struct stat st;
    if (k->ahead != NULL && ndr_ahead_size(k->ahead, k->at, ret_bytes))
        return true;
    if (fstatat(k->folder->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(st.st_mode))
        return false;
    *ret_bytes = st.st_size > 0 ? (uint64_t)st.st_size : 0;
    return true;
}

/* Nobody will ask for the name at hand: what was read of it is not needed. */
static void
pass_over(const ndr_walk *k)
{
    ndr_read_file file;
    if (k->ahead != NULL && ndr_ahead_take(k->ahead, k->at, &file))
        free(file.bytes);
}

/* One file of the folder at hand: FILLED when the batch must go first, or GO_ON. */
static int
fill_name(input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes, ndr_error *err)
{
    ndr_walk *k = &in->walk;
    const char *name = k->name[k->at].name;
    if (!names_fit(w, k->folder, k->finding))
        return FILLED;
    uint64_t size;
    if (k->finding == NDR_FOUND_FOLDER && size_of(k, name, &size)) {
        if (size > in->limits.range_bytes) {
            if (w->kind != NDR_WORK_NONE)
                return FILLED;
            char *path = ndr_path_join(k->folder->path, name);
            if (path == NULL)
                return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
            ndr_error why = {0};
            const int code = begin_large(in, k->folder->fd, name, path, false, &why);
            if (code < 0 && code != NDR_E_NOMEM)
                note(b, path, &why);
            free(path);
            if (code == NDR_E_NOMEM)
                return ndr_fail(err, code, "%s", why.text);
            if (code != 0) {
                pass_over(k);
                k->at++;
                return GO_ON;
            }
        }
        atomic_fetch_add(&in->total, size);
        *bytes += size;
    }
    if (w->kind == NDR_WORK_NONE && k->ahead != NULL) {
        w->ahead = ndr_ahead_ref(k->ahead);
        w->ahead_first = k->at;
    }
    k->at++;
    const int code = add_name(w, k->folder, k->finding, name, k->name_count, err);
    return code != 0 ? code : GO_ON;
}

static int
step_walk(input *in, ndr_batch *b, ndr_error *err)
{
    const char *path;
    ndr_error why = {0};
    const int code = ndr_walk_step(&in->walk, &path, &why);
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        note(b, path, &why);
    return GO_ON;
}

/* ---- what was named
 * -------------------------------------------------------------------- */

static void
open_list(input *in, ndr_batch *b)
{
    const bool is_stdin = strcmp(in->files_from, "-") == 0;
    const int fd = is_stdin ? STDIN_FILENO : open(in->files_from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        ndr_error why;
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        note(b, in->files_from, &why);
    } else {
        ndr_list_open(&in->list, fd, is_stdin, in->files_from_nul, &in->wake);
        in->listing = true;
    }
    if (!in->listing)
        in->files_from = NULL;
}

/*
 * The next named path: 1; 0 when there is none; NDR_FEED_WAIT when the list
 * would block and `wait` is not set; or NDR_E_NOMEM.
 */
static int
take_path(input *in, ndr_batch *b, bool wait, const char **ret, ndr_error *err)
{
    if (in->held != NULL) {
        *ret = in->held;
        in->held = NULL;
        return 1;
    }
    if (in->path_at < in->path_count) {
        *ret = in->path[in->path_at++];
        return 1;
    }
    if (in->files_from != NULL && !in->listing)
        open_list(in, b);
    while (in->listing) {
        ndr_error why = {0};
        char *path;
        const int code = ndr_list_next(&in->list, wait, &path, &why);
        if (code == 1) {
            *ret = path;
            return 1;
        }
        if (code == NDR_FEED_WAIT)
            return code;
        if (code == NDR_E_NOMEM)
            return ndr_fail(err, code, "%s", why.text);
        if (code < 0 && code != NDR_E_STOPPED)
            note(b, in->files_from, &why);
        if (code != NDR_E_LIMIT) {
            ndr_list_close(&in->list);
            in->listing = false;
            in->files_from = NULL;
        }
    }
    return 0;
}

/* Take up a named path: FILLED when the batch must go first, or GO_ON. */
static int
begin_path(input *in, ndr_batch *b, ndr_work *w, const char *path, uint64_t *bytes,
           ndr_error *err)
{
    ndr_error why = {0};
    struct stat st;
    int code = 0;
    const bool is_stdin = !in->listing && strcmp(path, "-") == 0;
    if (!is_stdin && stat(path, &st) != 0) {
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        note(b, path, &why);
        return GO_ON;
    }
    const bool folder = !is_stdin && S_ISDIR(st.st_mode);
    const bool file = !is_stdin && S_ISREG(st.st_mode);
    const uint64_t size = file && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    const bool large = size > in->limits.range_bytes;
    if (w->kind != NDR_WORK_NONE &&
        (is_stdin || folder || large || !names_fit(w, NULL, NDR_FOUND_NAMED))) {
        in->held = path;
        return FILLED;
    }
    if (in->listing && file)
        atomic_fetch_add(&in->total, size);
    if (is_stdin)
        code = begin_stdin(in, &why);
    else if (folder)
        code = ndr_walk_begin(&in->walk, path, &why);
    else if (large)
        code = begin_large(in, AT_FDCWD, path, path, true, &why);
    else if (!file)
        code = ndr_fail(&why, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        note(b, path, &why);
    if (code == 0 && file) {
        *bytes += size;
        code = add_name(w, NULL, NDR_FOUND_NAMED, path,
                        in->listing ? LISTED : in->path_count, err);
        if (code != 0)
            return code;
    }
    return GO_ON;
}

/* ---- the port
 * ---------------------------------------------------------------------------- */

static int
fill_some(input *in, ndr_batch *b, ndr_work *w, ndr_error *err)
{
    uint64_t bytes = 0; /* that the names in the batch stand for, as far as known */
    for (;;) {
        if (stopped(in))
            return w->kind != NDR_WORK_NONE ? FILLED : NOTHING;
        if (w->kind == NDR_WORK_NAMES &&
            (w->count >= NAMES_MAX || bytes >= in->limits.batch_bytes))
            return FILLED;
        int code;
        if (in->range != NULL) {
            code = w->kind != NDR_WORK_NONE ? FILLED : fill_range(in, b, w);
        } else if (in->frames != NULL) {
            code = w->kind != NDR_WORK_NONE ? FILLED : fill_frames(in, b, w, err);
        } else if (in->packed != NULL) {
            code = w->kind != NDR_WORK_NONE ? FILLED : fill_packed(in, b, w, err);
        } else if (in->walk.at < in->walk.name_count) {
            code = fill_name(in, b, w, &bytes, err);
        } else if (in->walk.folder != NULL || in->walk.pending_count > 0) {
            code = step_walk(in, b, err);
        } else {
            const char *path;
            code = take_path(in, b, w->kind == NDR_WORK_NONE, &path, err);
            if (code == NDR_FEED_WAIT)
                code = FILLED;
            else if (code == 0)
                return w->kind != NDR_WORK_NONE ? FILLED : NOTHING;
            else if (code == 1)
                code = begin_path(in, b, w, path, &bytes, err);
        }
        if (code != GO_ON)
            return code;
    }
}

static int
input_fill(ndr_source *s, ndr_batch *b, ndr_error *err)
{
    input *in = (input *)s;
    if (b->work == NULL && (b->work = calloc(1, sizeof(ndr_work))) == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a batch");
    ndr_work *w = b->work;
    ndr_work_clear(w, in->limits.batch_bytes);
    b->stream = 0;
    b->bytes = 0;
    int code = fill_some(in, b, w, err);
    if (code == NOTHING && b->trouble != NULL)
        code = 1; /* trouble behind the last message travels in a batch without any */
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
    return ndr_reader_new(&((input *)s)->limits);
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
    input *in = (input *)s;
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
    input *in = (input *)s;
    if (in->listing)
        ndr_list_close(&in->list);
    ndr_walk_free(&in->walk);
    ndr_ahead_free(in->ahead);
    ndr_place_unref(in->range);
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
count_total(input *in)
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
    const input *in = (const input *)s;
    *ret_bytes = atomic_load(&in->total);
    return !atomic_load(&in->total_open);
}

int
ndr_input_open(const ndr_input_opts *opts, ndr_source **ret, ndr_error *err)
{
    enum { MIB = 1 << 20 };
    ndr_input_opts own;
    const int code = NDR_SIZED_TAKE(ndr_input_opts, read_ahead, &own, opts, err);
    if (code != 0)
        return code;
    if (stdin_twice(&own))
        return ndr_fail(err, NDR_E_SYNTAX, "standard input ('-') can be read only once");
    input *in = calloc(1, sizeof *in);
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
    ndr_page_cache_init(&in->cache, own.cold_limit_bytes);
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
        own.message_limit_bytes < SIZE_MAX / 2 ? own.message_limit_bytes : SIZE_MAX / 2;
    in->limits = (ndr_limits){
        .format = own.format,
        .message_bytes = most > 0 ? most : (size_t)NDR_MESSAGE_BYTES,
        .range_bytes = own.range_bytes > 0 ? own.range_bytes : MIB,
        .batch_bytes = own.batch_bytes > 0 ? own.batch_bytes : MIB,
        .expanded_bytes = own.expanded_limit_bytes,
        .room = &in->room,
        .pool = &in->pool,
        .stop = &in->wake.set,
        .cache = &in->cache,
    };
    in->path = own.path;
    in->path_count = own.path_count;
    in->read_ahead = own.read_ahead;
    in->files_from = own.files_from;
    in->files_from_nul = own.files_from_nul;
    in->walk.format = own.format;
    in->walk.recursive = own.recursive;
    in->ahead = own.read_ahead ? ndr_ahead_new(NDR_AHEAD_READERS, &in->cache) : NULL;
    in->walk.crew = in->ahead;
    count_total(in);
    *ret = &in->port;
    return 0;
}
