/* SPDX-License-Identifier: BSD-3-Clause */
/* kept_json.c - how do programs keep a little JSON beside the windows? */
#include "kept_json.h"

#include "app/file_put.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES_MAX = 8 << 20 };

/* A folder's descriptor; -1 and errno. */
static int
open_folder(const char *dir)
{
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
kept_json_damaged(const char *dir, const kept_file *f, const char *what, ndr_error *err)
{
    return ndr_fail(err, NDR_E_DAMAGED, "%s/%s: %s; %s", dir, f->name, what, f->remedy);
}

/* A descriptor; or an ndr_code, NDR_E_SYS with ENOENT where it is not there. */
static int
open_file(const char *dir, const kept_file *f, ndr_error *err)
{
    const int folder = open_folder(dir);
    if (folder < 0)
        return ndr_fail(err, NDR_E_SYS, "open folder '%s'", dir);
    const int fd = ndr_open_own(folder, f->name, f->name, O_RDONLY | O_NONBLOCK, err);
    (void)close(folder); /* was only looked at */
    if (fd < 0)
        ndr_error_prefix(err, "%s", dir);
    return fd;
}

static int
check_version(const char *dir, const kept_file *f, const json_t *all, ndr_error *err)
{
    const json_int_t version = json_integer_value(json_object_get(all, "version"));
    char what[120];
    if (version > f->version)
        return ndr_fail(err, NDR_E_LIMIT,
                        "%s/%s was written by a newer ndrscan (its version is %d, this "
                        "one knows %d): use that one",
                        dir, f->name, (int)version, f->version);
    if (version == f->version)
        return 0;
    (void)snprintf(what, sizeof what, "it is no list of %s", f->holds);
    return kept_json_damaged(dir, f, what, err);
}

int
kept_json_read(const char *dir, const kept_file *f, json_t **ret, ndr_error *err)
{
    ndr_error own = {0};
    *ret = NULL;
    const int fd = open_file(dir, f, &own);
    if (fd < 0) {
        if (own.sys_errno == ENOENT)
            return 0;
        if (err != NULL)
            *err = own;
        return fd;
    }
    FILE *file = fdopen(fd, "r");
    char *text = file == NULL ? NULL : malloc(BYTES_MAX);
    const size_t n = text == NULL ? 0 : fread(text, 1, BYTES_MAX, file);
    int rc = text == NULL   ? ndr_fail(err, NDR_E_NOMEM, "no memory")
             : ferror(file) ? ndr_fail(err, NDR_E_SYS, "%s: read %s", dir, f->name)
                            : 0;
    json_t *all = rc == 0 && n < BYTES_MAX ? json_loadb(text, n, 0, NULL) : NULL;
    if (rc == 0)
        rc = all != NULL ? check_version(dir, f, all, err)
                         : kept_json_damaged(dir, f, "it is no JSON of ours", err);
    if (rc == 0)
        *ret = all;
    else
        json_decref(all);
    free(text);
    if (file != NULL)
        (void)fclose(file); /* was only read */
    else
        (void)close(fd);
    return rc;
}

int
kept_json_write(const char *dir, const kept_file *f, const ndr_buffer *text,
                ndr_error *err)
{
    if (text->failed)
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    const int folder = open_folder(dir);
    int rc = 0;
    if (folder < 0 || !file_put(folder, f->name, f->beside, 0644, true,
                                (ndr_slice){text->ptr, text->len}))
        rc = ndr_fail(err, NDR_E_SYS, "%s: write %s", dir, f->name);
    if (folder >= 0)
        (void)close(folder); /* what was written is synced */
    return rc;
}

bool
kept_json_time(const char *dir, const kept_file *f, int64_t *ret)
{
    struct stat st;
    const int folder = open_folder(dir);
    const bool there =
        folder >= 0 && fstatat(folder, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (folder >= 0)
        (void)close(folder); /* was only looked at */
    if (there)
        *ret = (int64_t)st.st_mtime;
    return there;
}

bool
kept_json_touch(const char *dir, const kept_file *f, int64_t at)
{
    const struct timespec both[2] = {{.tv_sec = (time_t)at}, {.tv_sec = (time_t)at}};
    const int folder = open_folder(dir);
    const bool done =
        folder >= 0 && utimensat(folder, f->name, both, AT_SYMLINK_NOFOLLOW) == 0;
    if (folder >= 0)
        (void)close(folder); /* was only looked at */
    return done;
}
