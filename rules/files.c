/* SPDX-License-Identifier: BSD-3-Clause */
/* files.c - which files do an operator's paths name, and what is in them? */
#include "files.h"

#include "ndr_file.h"

#include "quote.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 200 }; /* of a path in an error line */

/* O_NONBLOCK: opening a FIFO must not wait for its other end. */
static const int open_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

/* Read an open regular file to its end into `f`. `size` is what fstat said. */
static int
read_whole(int fd, off_t size, ndr_file *f, ndr_error *err)
{
    const size_t want = (size_t)size + 1; /* one more: to see the end, or that it grew */
    f->ptr = malloc(want);
    if (f->ptr == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", f->name);
    while (f->len < want) {
        const ssize_t got = read(fd, f->ptr + f->len, want - f->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ndr_fail(err, NDR_E_SYS, "read '%s'", f->name);
        if (got == 0)
            return 0;
        f->len += (size_t)got;
    }
    return ndr_fail(err, NDR_E_DAMAGED, "%s grew while it was read; start again",
                    f->name);
}

/* Take the regular file behind `fd` to the end of `all`. */
static int
add_file(ndr_files *all, int fd, const struct stat *st, const char *name, ndr_error *err)
{
    if (st->st_size > NDR_FILE_MAX_BYTES)
        return ndr_fail(err, NDR_E_LIMIT, "%s is over 8 MiB; split it", name);
    if (all->bytes + (size_t)st->st_size > NDR_FILES_MAX_BYTES)
        return ndr_fail(err, NDR_E_LIMIT,
                        "%s: this and the files before it are over 64 MiB", name);
    if (all->count == all->cap) {
        const size_t cap = all->cap == 0 ? 16 : all->cap * 2;
        ndr_file *file =
            cap > SIZE_MAX / sizeof *file ? NULL : realloc(all->file, cap * sizeof *file);
        if (file == NULL)
            return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", name);
        all->file = file;
        all->cap = cap;
    }
    ndr_file *f = &all->file[all->count];
    *f = (ndr_file){.name = strdup(name)};
    if (f->name == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "%s: no memory", name);
    all->count++;
    all->bytes += (size_t)st->st_size;
    return read_whole(fd, st->st_size, f, err);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a folder's YAML files, sorted; each and the array are to be freed. */
static int
list_folder(DIR *dir, const char *shown, char ***ret, size_t *ret_count, ndr_error *err)
{
    char **list = NULL;
    size_t count = 0, cap = 0;
    int rc = 0;
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(dir);
        if (e == NULL) {
            if (errno != 0)
                rc = ndr_fail(err, NDR_E_SYS, "read folder '%s'", shown);
            break;
        }
        if (!ndr_yaml_name(e->d_name))
            continue;
        if (count == cap) {
            cap = cap == 0 ? 32 : cap * 2;
            char **longer = realloc(list, cap * sizeof *list);
            if (longer == NULL) {
                rc = ndr_fail(err, NDR_E_NOMEM, "%s: no memory", shown);
                break;
            }
            list = longer;
        }
        list[count] = strdup(e->d_name);
        if (list[count] == NULL) {
            rc = ndr_fail(err, NDR_E_NOMEM, "%s: no memory", shown);
            break;
        }
        count++;
    }
    if (rc == 0 && count > 1)
        qsort(list, count, sizeof *list, compare_names);
    *ret = list;
    *ret_count = count;
    return rc;
}

static int
add_from_folder(ndr_files *all, DIR *dir, const char *path, const char *file,
                ndr_error *err)
{
    char shown[NAME_MAX_BYTES];
    const size_t n = strlen(path);
    ndr_buffer whole = {0};
    ndr_buffer_printf(&whole, "%s%s%s", path, n > 0 && path[n - 1] == '/' ? "" : "/",
                      file);
    ndr_buffer_byte(&whole, '\0');
    if (whole.failed) {
        ndr_buffer_free(&whole);
        return ndr_fail(err, NDR_E_NOMEM, "no memory");
    }
    ndr_quote_path((const char *)whole.ptr, shown, sizeof shown);
    ndr_buffer_free(&whole);

    int rc = 0;
    struct stat st;
    const int fd = ndr_open_own(dirfd(dir), file, shown, open_flags, err);
    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        rc = ndr_fail(err, NDR_E_SYS, "stat '%s'", shown);
    else if (S_ISREG(st.st_mode))
        rc = add_file(all, fd, &st, shown, err);
    else if (!S_ISDIR(st.st_mode))
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "%s is no regular file; take it out of the folder", shown);
    (void)close(fd);
    return rc;
}

/* Takes `fd` over. */
static int
add_folder(ndr_files *all, int fd, const char *path, const char *shown, ndr_error *err)
{
    char **list = NULL;
    size_t count = 0;
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        const int rc = ndr_fail(err, NDR_E_SYS, "read folder '%s'", shown);
        (void)close(fd);
        return rc;
    }
    int rc = list_folder(dir, shown, &list, &count, err);
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add_from_folder(all, dir, path, list[i], err);
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
    (void)closedir(dir);
    return rc;
}

static int
add_path(ndr_files *all, const char *path, ndr_error *err)
{
    char shown[NAME_MAX_BYTES];
    ndr_quote_path(path, shown, sizeof shown);

    struct stat st;
    const int fd = ndr_open_own(AT_FDCWD, path, shown, open_flags, err);
    if (fd < 0)
        return fd;
    int rc = 0;
    if (fstat(fd, &st) < 0)
        rc = ndr_fail(err, NDR_E_SYS, "stat '%s'", shown);
    else if (S_ISDIR(st.st_mode))
        return add_folder(all, fd, path, shown, err);
    else if (S_ISREG(st.st_mode))
        rc = add_file(all, fd, &st, shown, err);
    else
        rc = ndr_fail(err, NDR_E_SYNTAX,
                      "%s is neither a regular file nor a folder; name a YAML file",
                      shown);
    (void)close(fd);
    return rc;
}

int
ndr_files_read(const char *const *path, size_t count, ndr_files *ret, ndr_error *err)
{
    *ret = (ndr_files){0};
    return ndr_files_add(path, count, ret, err);
}

int
ndr_files_add(const char *const *path, size_t count, ndr_files *ret, ndr_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const int rc = add_path(ret, path[i], err);
        if (rc < 0) {
            ndr_files_free(ret);
            return rc;
        }
    }
    return 0;
}

void
ndr_files_free(ndr_files *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->file[i].name);
        free(f->file[i].ptr);
    }
    free(f->file);
    *f = (ndr_files){0};
}
