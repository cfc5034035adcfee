/* SPDX-License-Identifier: BSD-3-Clause */
/* input_named.c - which file is next, of what was named: paths, lists of them, folders?
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LISTED = 256, /* files that a list is taken to name: it is not read ahead */
    PIPE_BYTES = 1 << 20,
};
static int
begin_stdin(ndr_input *in, ndr_error *err)
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
        const enum ndr_sniff what = ndr_large_sniff(STDIN_FILENO, &told, err, &code);
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
            in->range_until = in->range_bytes = (uint64_t)st.st_size;
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

/* One file of the folder at hand: NDR_FILL_FILLED when the batch must go first, or
 * NDR_FILL_GO_ON. */
int
ndr_input_fill_name(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                    ndr_error *err)
{
    ndr_walk *k = &in->walk;
    const char *name = k->name[k->at].name;
    if (!ndr_input_names_fit(w, k->folder, k->finding))
        return NDR_FILL_FILLED;
    uint64_t size;
    if (k->finding == NDR_FOUND_FOLDER && size_of(k, name, &size)) {
        if (size > in->limits.range_bytes) {
            if (w->kind != NDR_WORK_NONE)
                return NDR_FILL_FILLED;
            char *path = ndr_path_join(k->folder->path, name);
            if (path == NULL)
                return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
            ndr_error why = {0};
            const int code =
                ndr_input_begin_large(in, k->folder->fd, name, path, false, &why);
            if (code < 0 && code != NDR_E_NOMEM)
                ndr_batch_trouble(b, path, &why);
            free(path);
            if (code == NDR_E_NOMEM)
                return ndr_fail(err, code, "%s", why.text);
            if (code != 0) {
                ndr_ahead_pass_over(k->ahead, k->at);
                k->at++;
                return NDR_FILL_GO_ON;
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
    const int code =
        ndr_input_add_name(w, k->folder, k->finding, name, k->name_count, err);
    return code != 0 ? code : NDR_FILL_GO_ON;
}

int
ndr_input_step_walk(ndr_input *in, ndr_batch *b, ndr_error *err)
{
    const char *path;
    ndr_error why = {0};
    const int code = ndr_walk_step(&in->walk, &path, &why);
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        ndr_batch_trouble(b, path, &why);
    return NDR_FILL_GO_ON;
}

static void
open_list(ndr_input *in, ndr_batch *b)
{
    const bool is_stdin = strcmp(in->files_from, "-") == 0;
    const int fd = is_stdin ? STDIN_FILENO : open(in->files_from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        ndr_error why;
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        ndr_batch_trouble(b, in->files_from, &why);
    } else {
        ndr_list_open(&in->list, fd, is_stdin, in->files_from_nul, &in->wake);
        in->listing = true;
        in->run_end = 1;
    }
    if (!in->listing)
        in->files_from = NULL;
}

/* The next path that the list gives without waiting, or with: 1, or how that ended; what
 * is said of a path that is not there is said behind those that are. */
static int
next_listed(ndr_input *in, bool wait, char **ret)
{
    in->run_why = (ndr_error){0};
    in->run_end = ndr_list_next(&in->list, wait, ret, &in->run_why);
    return in->run_end;
}

/* Add what the list gives at once to the run, for whose first path it may wait. 0 or
 * NDR_E_NOMEM; in->run_end is how that ended. */
static int
add_listed(ndr_input *in, bool wait, ndr_error *err)
{
    char *path;
    while (ndr_path_run_has_room(&in->run) &&
           next_listed(in, wait && in->run.count == 0, &path) == 1) {
        const int code = ndr_path_run_add(&in->run, path, err);
        if (code != 0)
            return code;
    }
    return 0;
}

/* Add what the command line names. Standard input is read when its turn comes, and stands
 * alone. 0 or NDR_E_NOMEM. */
static int
add_operands(ndr_input *in, ndr_error *err)
{
    while (in->path_at < in->path_count && ndr_path_run_has_room(&in->run)) {
        const bool alone = strcmp(in->path[in->path_at], "-") == 0;
        if (alone && in->run.count > 0)
            return 0;
        const int code = ndr_path_run_add(&in->run, in->path[in->path_at++], err);
        if (code != 0 || alone)
            return code;
    }
    return 0;
}

/* How the list ended, or what there is in place of a path, is told. 1: go on with it; or
 * as ndr_input_find_path. */
static int
tell_list(ndr_input *in, ndr_batch *b, ndr_error *err)
{
    const int code = in->run_end;
    in->run_end = 1;
    if (code == 1 || code == NDR_FEED_WAIT)
        return 1;
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", in->run_why.text);
    if (code < 0 && code != NDR_E_STOPPED)
        ndr_batch_trouble(b, in->files_from, &in->run_why);
    if (code == NDR_E_LIMIT)
        return 1;
    ndr_list_close(&in->list);
    in->listing = false;
    in->files_from = NULL;
    return 0;
}

int
ndr_input_find_path(ndr_input *in, ndr_batch *b, bool wait, ndr_error *err)
{
    while (in->run.at == in->run.count) {
        if (in->listing && tell_list(in, b, err) == NDR_E_NOMEM)
            return NDR_E_NOMEM;
        const bool operands = in->path_at < in->path_count;
        if (!operands && in->files_from != NULL && !in->listing)
            open_list(in, b);
        if (!operands && !in->listing)
            return 0;
        int code = ndr_path_run_begin(&in->run, err);
        if (code == 0)
            code = operands ? add_operands(in, err) : add_listed(in, wait, err);
        if (code != 0)
            return code;
        in->run_listed = !operands;
        ndr_path_run_start(&in->run, in->ahead, true);
        if (in->run.count == 0 && in->run_end == NDR_FEED_WAIT)
            return NDR_FEED_WAIT;
    }
    return 1;
}

/* What is at a named path: 0 when it is to be taken up, or that it is not there. */
static int
look_at(const ndr_input *in, const char *path, struct stat *st, ndr_error *err)
{
    return !ndr_input_run_knows(in, in->run.at, st) && stat(path, st) != 0
               ? ndr_fail(err, NDR_E_SYS, "not readable")
               : 0;
}

/* Take up what is no small file: a code of its own, 1, or 0 when a worker is to read it.
 */
static int
begin_other(ndr_input *in, const char *path, bool is_stdin, const struct stat *st,
            ndr_error *err)
{
    if (is_stdin)
        return begin_stdin(in, err);
    if (S_ISDIR(st->st_mode))
        return ndr_walk_begin(&in->walk, path, err);
    if (!S_ISREG(st->st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st->st_mode));
    return (uint64_t)st->st_size > in->limits.range_bytes
               ? ndr_input_begin_large(in, AT_FDCWD, path, path, true, err)
               : 0;
}

int
ndr_input_begin_path(ndr_input *in, ndr_batch *b, ndr_work *w, uint64_t *bytes,
                     ndr_error *err)
{
    ndr_error why = {0};
    struct stat st = {0};
    const size_t at = in->run.at;
    const char *path = ndr_path_run_path(&in->run, at);
    const bool is_stdin = !in->run_listed && strcmp(path, "-") == 0;
    int code = is_stdin ? 0 : look_at(in, path, &st, &why);
    const bool file = code == 0 && !is_stdin && S_ISREG(st.st_mode);
    const uint64_t size = file && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    const bool fits = ndr_input_names_fit(w, NULL, NDR_FOUND_NAMED) &&
                      ndr_input_run_fits(in, w, at) && size <= in->limits.range_bytes;
    if (w->kind != NDR_WORK_NONE && code == 0 && !(file && fits))
        return NDR_FILL_FILLED;
    in->run.at++;
    if (in->run_listed && file)
        atomic_fetch_add(&in->total, size);
    if (code == 0)
        code = begin_other(in, path, is_stdin, &st, &why);
    if (code == 0 && file) {
        *bytes += size;
        ndr_input_run_take(in, w, at);
        code = ndr_input_add_name(w, NULL, NDR_FOUND_NAMED, path,
                                  in->run_listed ? LISTED : in->path_count, err);
        return code != 0 ? code : NDR_FILL_GO_ON;
    }
    ndr_ahead_pass_over(in->run.ahead, at);
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        ndr_batch_trouble(b, path, &why);
    return NDR_FILL_GO_ON;
}
