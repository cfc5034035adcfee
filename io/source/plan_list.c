/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * plan_list.c - which sources are there, in the order of one run, and which pieces do
 * they make?
 *
 *   a large plain mbox     blocks of its bytes, aligned
 *   zstd in many frames    runs of them
 *   a Maildir              one source: a name in it may change at any time
 *   any other file         one source
 *
 * Small sources that follow each other make one piece. Nothing here knows how many will
 * share the pieces out.
 */
#include "plan_list.h"
#include "input.h"
#include "ndr_hash.h"
#include "ndr_sized.h"
#include "stat_crew.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LISTED = 256, FRAMES_SHARE = 4 };

typedef struct listing {
    const ndr_input_opts *in;
    const ndr_stop *stop;
    uint64_t piece_bytes;
    bool walk_frames;
    ndr_plan *plan;
    /* the bundle that is being filled */
    uint64_t bundle_bytes, bundle_files, stamp;
    uint32_t bundle_count;
    uint32_t operand;
    size_t operand_len; /* of its path, slashes at its end left out; 0: a list's */
} listing;

static int
no_memory(ndr_error *err)
{
    return ndr_fail(err, NDR_E_NOMEM, "no memory to list mail");
}

/* 0, or that it is to stop. */
static int
go_on(const listing *l, ndr_error *err)
{
    return ndr_stop_asked(l->stop) ? ndr_fail(err, NDR_E_STOPPED, "stopped") : 0;
}

static int
note(listing *l, const char *path, const ndr_error *why, ndr_error *err)
{
    return why->code != NDR_E_NOMEM && ndr_plan_add_trouble(l->plan, ndr_slice_of(path),
                                                            ndr_slice_of(why->text))
               ? 0
               : no_memory(err);
}

/* ---- pieces
 * ---------------------------------------------------------------------------- */

static int
end_bundle(listing *l, ndr_error *err)
{
    if (l->bundle_count > 0 && !ndr_plan_add_piece(l->plan, 0, false, l->stamp))
        return no_memory(err);
    l->bundle_bytes = l->bundle_files = l->stamp = 0;
    l->bundle_count = 0;
    return 0;
}

/* A source that is read whole; `files` that it stands for. */
static int
add_whole(listing *l, const ndr_plan_source *s, uint64_t files, ndr_error *err)
{
    const uint64_t most = l->piece_bytes / NDR_PLAN_BUNDLE_SHARE;
    int code = s->bytes >= most ? end_bundle(l, err) : 0;
    if (code == 0 && !ndr_plan_add_source(l->plan, s))
        code = no_memory(err);
    if (code != 0)
        return code;
    l->stamp = ndr_plan_stamp_add(l->stamp, l->plan, s);
    l->bundle_count++;
    l->bundle_bytes += s->bytes;
    l->bundle_files += files;
    return l->bundle_bytes >= most || l->bundle_files >= NDR_PLAN_BUNDLE_FILES
               ? end_bundle(l, err)
               : 0;
}

/* The part [from, until) of a file. */
static int
add_part(listing *l, ndr_plan_source s, uint64_t from, uint64_t until, uint64_t number,
         ndr_error *err)
{
    s.from = from;
    s.until = until;
    return ndr_plan_add_source(l->plan, &s) &&
                   ndr_plan_add_piece(l->plan, number, true,
                                      ndr_plan_stamp_add(0, l->plan, &s))
               ? 0
               : no_memory(err);
}

static int
add_ranges(listing *l, ndr_plan_source *s, ndr_error *err)
{
    uint64_t number = 0;
    int code = end_bundle(l, err);
    s->what = NDR_PLAN_RANGE;
    for (uint64_t at = 0; code == 0 && at < s->bytes; at += l->piece_bytes) {
        const uint64_t left = s->bytes - at;
        code = add_part(l, *s, at, at + (left < l->piece_bytes ? left : l->piece_bytes),
                        number++, err);
    }
    return code;
}

/* Runs of frames: 1; 0 when they cannot be shared out; or NDR_E_NOMEM. */
static int
add_frames(listing *l, ndr_plan_source *s, int fd, ndr_error *err)
{
    ndr_zstd_runs runs = {0};
    const uint64_t limit = ndr_expanded_limit(l->in->expanded_limit_bytes, s->bytes);
    const uint64_t run = l->piece_bytes / FRAMES_SHARE;
    int code = l->walk_frames ? ndr_zstd_runs_walk(fd, s->bytes, run, limit, &runs)
                              : ndr_zstd_runs_table(fd, s->bytes, run, limit, &runs);
    if (code < 0)
        (void)no_memory(err);
    if (code == 1 && runs.count < 2)
        code = 0;
    if (code == 1)
        code = end_bundle(l, err) == 0 ? 1 : NDR_E_NOMEM;
    s->what = code == 1 ? NDR_PLAN_FRAMES : s->what;
    s->of_table = !l->walk_frames;
    for (size_t i = 0; code == 1 && i < runs.count; i++) {
        s->lead = i > 0 ? runs.run[i].lead : 0;
        if (add_part(l, *s, runs.run[i].from,
                     i + 1 < runs.count ? runs.run[i + 1].from : s->bytes, i, err) != 0)
            code = NDR_E_NOMEM;
    }
    ndr_zstd_runs_free(&runs);
    return code;
}

/* A regular file; `dir` and `name` are how it is opened. */
static int
add_file(listing *l, ndr_plan_source *s, int dir, const char *name, ndr_error *err)
{
    int code = 0;
    if (s->bytes > l->piece_bytes) {
        ndr_large_file f;
        ndr_error why = {0};
        const bool named = s->what == NDR_PLAN_FILE;
        /* what is wrong with it is told by who scans it */
        if (ndr_large_open(dir, name, named, l->in->format, 2 * NDR_PLAN_BLOCK_BYTES, &f,
                           &why) == 0 &&
            f.fd >= 0) {
            s->marks = (uint8_t)f.marks;
            if (f.how == NDR_LARGE_MBOX)
                code = add_ranges(l, s, err) == 0 ? 1 : NDR_E_NOMEM;
            else if (f.how == NDR_LARGE_FRAMES)
                code = add_frames(l, s, f.fd, err);
            s->of_table = false;
            s->marks = 0;
        }
        if (f.fd >= 0)
            (void)close(f.fd); /* was only read */
    }
    return code == 0 ? add_whole(l, s, 1, err) : code < 0 ? code : 0;
}

/* ---- folders
 * ----------------------------------------------------------------------------
 */

/* Keep the path, and where in it the part behind the operand begins. */
static int
keep_path(listing *l, const char *path, const char *name, ndr_plan_source *s,
          ndr_error *err)
{
    ndr_buffer *b = &l->plan->names;
    s->path = b->len;
    s->operand = l->operand;
    ndr_buffer_text(b, path);
    if (name != NULL) {
        if (path[0] != '\0' && path[strlen(path) - 1] != '/')
            ndr_buffer_byte(b, '/');
        ndr_buffer_text(b, name);
    }
    const size_t len = b->len - s->path;
    ndr_buffer_byte(b, '\0');
    if (b->failed || len > UINT32_MAX)
        return no_memory(err);
    size_t at = l->operand_len < len ? l->operand_len : len;
    while (at < len && b->ptr[s->path + at] == '/')
        at++;
    s->name = (uint32_t)at;
    return 0;
}

/* The folder at hand, message files. */
static int
add_members(listing *l, const ndr_walk *k, ndr_error *err)
{
    ndr_stat_row *row = ndr_stat_all(k->folder->fd, k->name, k->name_count);
    int code = row == NULL ? no_memory(err) : 0;
    for (size_t i = 0; code == 0 && i < k->name_count; i++) {
        const char *name = k->name[i].name;
        ndr_plan_source s = {.what = NDR_PLAN_MEMBER,
                             .in_folder = true,
                             .files = k->name_count < UINT32_MAX ? (uint32_t)k->name_count
                                                                 : UINT32_MAX};
        code = go_on(l, err);
        if (code != 0 || !row[i].there)
            continue; /* gone, or no longer a file: passed over, as a scan does */
        code = keep_path(l, k->folder->path, name, &s, err);
        s.bytes = row[i].bytes;
        s.mtime_ns = row[i].mtime_ns;
        if (code == 0)
            code = add_file(l, &s, k->folder->fd, name, err);
    }
    free(row);
    return code;
}

/* Fold the names, sizes and times of the leaf at hand into a Maildir's. */
static int
take_leaf(const ndr_walk *k, ndr_plan_source *s, uint64_t *files, ndr_error *err)
{
    const bool is_new = k->folder->path[strlen(k->folder->path) - 1] == 'w';
    ndr_stat_row *row = ndr_stat_all(k->folder->fd, k->name, k->name_count);
    if (row == NULL)
        return no_memory(err);
    for (size_t i = 0; i < k->name_count; i++) {
        if (!row[i].there)
            continue;
        const uint64_t of[] = {row[i].bytes, (uint64_t)row[i].mtime_ns};
        s->listing = ndr_hash(ndr_slice_of(k->name[i].name), s->listing + is_new);
        s->listing =
            ndr_hash((ndr_slice){(const unsigned char *)of, sizeof of}, s->listing);
        s->bytes += row[i].bytes;
        *files += 1;
    }
    free(row);
    return 0;
}

int
ndr_plan_look_maildir(const char *path, ndr_plan_source *s, ndr_error *err)
{
    ndr_walk k = {0};
    const char *failed;
    uint64_t files = 0;
    s->listing = s->bytes = 0;
    int code = s->what == NDR_PLAN_LEAF ? ndr_walk_begin(&k, path, err)
                                        : ndr_walk_begin_leaves(&k, path, err);
    while (code == 0) {
        ndr_error why = {0};
        const int got = ndr_walk_step(&k, &failed, &why);
        if (got == 0)
            break;
        if (got == 1)
            code = take_leaf(&k, s, &files, err);
        else if (got == NDR_E_NOMEM)
            code = no_memory(err);
        else /* who scans it tells */
            s->listing = ndr_hash(ndr_slice_of(failed), s->listing);
    }
    ndr_walk_free(&k);
    return code;
}

/* The Maildir that the leaf at hand belongs to, whose other leaf may come next. */
typedef struct maildir {
    ndr_plan_source source;
    uint64_t files;
    size_t len; /* of its path; 0: none is at hand */
} maildir;

static int
end_maildir(listing *l, maildir *m, ndr_error *err)
{
    const int code = m->len > 0 ? add_whole(l, &m->source, m->files, err) : 0;
    *m = (maildir){0};
    return code;
}

static int
add_leaf(listing *l, const ndr_walk *k, bool named, maildir *m, ndr_error *err)
{
    const char *path = k->folder->path;
    const size_t len = strlen(path) - (named ? 0u : 4u); /* less "/cur" */
    const bool same = m->len == len && m->source.what == NDR_PLAN_MAILDIR && !named &&
                      memcmp(ndr_plan_text(l->plan, m->source.path), path, len) == 0;
    if (!same) {
        int code = end_maildir(l, m, err);
        char *own = strndup(path, len);
        if (code == 0)
            code =
                own == NULL ? no_memory(err) : keep_path(l, own, NULL, &m->source, err);
        free(own);
        if (code != 0)
            return code;
        m->source.what = named ? NDR_PLAN_LEAF : NDR_PLAN_MAILDIR;
        m->len = len;
    }
    return take_leaf(k, &m->source, &m->files, err);
}

static int
add_folder(listing *l, const char *path, ndr_error *err)
{
    ndr_walk k = {.format = l->in->format, .recursive = l->in->recursive};
    maildir m = {0};
    int code = ndr_walk_begin(&k, path, err);
    while (code == 0) {
        ndr_error why = {0};
        const char *failed;
        const int got = ndr_walk_step(&k, &failed, &why);
        if (got == 0)
            break;
        code = go_on(l, err);
        if (code != 0)
            break;
        if (got < 0) {
            code = note(l, failed, &why, err);
        } else if (k.finding == NDR_FOUND_MAILDIR) {
            code = add_leaf(l, &k, strcmp(k.folder->path, path) == 0, &m, err);
        } else {
            code = end_maildir(l, &m, err);
            if (code == 0)
                code = add_members(l, &k, err);
        }
    }
    if (code == 0)
        code = end_maildir(l, &m, err);
    ndr_walk_free(&k);
    return code;
}

/* ---- operands
 * ----------------------------------------------------------------------------
 */

/* `files`: that were named. */
static int
add_operand(listing *l, const char *path, size_t files, ndr_error *err)
{
    struct stat st;
    ndr_error why = {0};
    if (stat(path, &st) != 0) {
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        return note(l, path, &why, err);
    }
    if (S_ISDIR(st.st_mode))
        return add_folder(l, path, err);
    if (!S_ISREG(st.st_mode)) {
        (void)ndr_fail(&why, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
        return note(l, path, &why, err);
    }
    ndr_plan_source s = {.what = NDR_PLAN_FILE,
                         .files = files < UINT32_MAX ? (uint32_t)files : UINT32_MAX};
    const int code = keep_path(l, path, NULL, &s, err);
    ndr_plan_take_stat(&s, &st);
    return code != 0 ? code : add_file(l, &s, AT_FDCWD, path, err);
}

static size_t
operand_len(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

static int
add_list(listing *l, ndr_error *err)
{
    const bool is_stdin = strcmp(l->in->files_from, "-") == 0;
    const int fd =
        is_stdin ? STDIN_FILENO : open(l->in->files_from, O_RDONLY | O_CLOEXEC);
    ndr_error why = {0};
    if (fd < 0) {
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        return note(l, l->in->files_from, &why, err);
    }
    ndr_list list;
    ndr_list_open(&list, fd, is_stdin, l->in->files_from_nul, NULL);
    int code = 0;
    for (bool more = true; more && code == 0;) {
        char *path;
        const int got = ndr_list_next(&list, true, &path, &why);
        more = got == 1 || got == NDR_E_LIMIT;
        code = go_on(l, err);
        if (code == 0 && got == 1)
            code = add_operand(l, path, LISTED, err);
        else if (code == 0 && got < 0)
            code = note(l, l->in->files_from, &why, err);
    }
    ndr_list_close(&list);
    return code;
}

int
ndr_plan_list(const ndr_plan_opts *opts, ndr_plan *ret, ndr_error *err)
{
    ndr_plan_opts own;
    ndr_input_opts in;
    int code = NDR_SIZED_TAKE(ndr_plan_opts, stop, &own, opts, err);
    if (code == 0)
        code = NDR_SIZED_TAKE(ndr_input_opts, read_ahead, &in, own.input, err);
    if (code != 0)
        return code;
    *ret = (ndr_plan){0};
    listing l = {.in = &in,
                 .stop = own.stop,
                 .walk_frames = own.walk_frames,
                 .piece_bytes =
                     own.piece_bytes > 0 ? own.piece_bytes : NDR_PLAN_PIECE_BYTES,
                 .plan = ret};
    for (size_t i = 0; code == 0 && i < in.path_count; i++) {
        if (strcmp(in.path[i], "-") == 0)
            code = ndr_fail(err, NDR_E_SYNTAX,
                            "standard input ('-') cannot be shared out: name files or "
                            "folders");
        l.operand = (uint32_t)i;
        l.operand_len = operand_len(in.path[i]);
        if (code == 0)
            code = go_on(&l, err);
        if (code == 0)
            code = add_operand(&l, in.path[i], in.path_count, err);
        if (code == 0) /* a bundle is of one operand */
            code = end_bundle(&l, err);
    }
    l.operand = (uint32_t)in.path_count;
    l.operand_len = 0;
    if (code == 0 && in.files_from != NULL)
        code = add_list(&l, err);
    if (code == 0)
        code = end_bundle(&l, err);
    if (code != 0)
        ndr_plan_clear(ret);
    return code;
}
