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

/* Nobody will ask for the name at hand: what was read of it is not needed. */
static void
pass_over(const ndr_walk *k)
{
    ndr_read_file file;
    if (k->ahead != NULL && ndr_ahead_take(k->ahead, k->at, &file))
        free(file.bytes);
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
                pass_over(k);
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
    }
    if (!in->listing)
        in->files_from = NULL;
}

int
ndr_input_take_path(ndr_input *in, ndr_batch *b, bool wait, const char **ret,
                    ndr_error *err)
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
            ndr_batch_trouble(b, in->files_from, &why);
        if (code != NDR_E_LIMIT) {
            ndr_list_close(&in->list);
            in->listing = false;
            in->files_from = NULL;
        }
    }
    return 0;
}

/* Take up a named path: NDR_FILL_FILLED when the batch must go first, or NDR_FILL_GO_ON.
 */
int
ndr_input_begin_path(ndr_input *in, ndr_batch *b, ndr_work *w, const char *path,
                     uint64_t *bytes, ndr_error *err)
{
    ndr_error why = {0};
    struct stat st;
    int code = 0;
    const bool is_stdin = !in->listing && strcmp(path, "-") == 0;
    if (!is_stdin && stat(path, &st) != 0) {
        (void)ndr_fail(&why, NDR_E_SYS, "not readable");
        ndr_batch_trouble(b, path, &why);
        return NDR_FILL_GO_ON;
    }
    const bool folder = !is_stdin && S_ISDIR(st.st_mode);
    const bool file = !is_stdin && S_ISREG(st.st_mode);
    const uint64_t size = file && st.st_size > 0 ? (uint64_t)st.st_size : 0;
    const bool large = size > in->limits.range_bytes;
    if (w->kind != NDR_WORK_NONE &&
        (is_stdin || folder || large || !ndr_input_names_fit(w, NULL, NDR_FOUND_NAMED))) {
        in->held = path;
        return NDR_FILL_FILLED;
    }
    if (in->listing && file)
        atomic_fetch_add(&in->total, size);
    if (is_stdin)
        code = begin_stdin(in, &why);
    else if (folder)
        code = ndr_walk_begin(&in->walk, path, &why);
    else if (large)
        code = ndr_input_begin_large(in, AT_FDCWD, path, path, true, &why);
    else if (!file)
        code = ndr_fail(&why, NDR_E_SYNTAX, "%s", ndr_mode_trouble(st.st_mode));
    if (code == NDR_E_NOMEM)
        return ndr_fail(err, code, "%s", why.text);
    if (code < 0)
        ndr_batch_trouble(b, path, &why);
    if (code == 0 && file) {
        *bytes += size;
        code = ndr_input_add_name(w, NULL, NDR_FOUND_NAMED, path,
                                  in->listing ? LISTED : in->path_count, err);
        if (code != 0)
            return code;
    }
    return NDR_FILL_GO_ON;
}
