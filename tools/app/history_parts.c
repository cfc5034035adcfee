/* SPDX-License-Identifier: BSD-3-Clause */
/* history_parts.c - of which files is a history, and when does a new one begin? */
#define _GNU_SOURCE /* renameat2 */
#include "history_parts.h"

#include "ndr_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "history.jsonl.12" of "history.jsonl": 12; 0: it is no part. */
static unsigned
number_of(const char *name, const char *base)
{
    const size_t n = strlen(base);
    if (strncmp(name, base, n) != 0 || name[n] != '.' || name[n + 1] < '1' ||
        name[n + 1] > '9' || strlen(name + n + 1) > 6 ||
        strspn(name + n + 1, "0123456789") != strlen(name + n + 1))
        return 0;
    return (unsigned)strtoul(name + n + 1, NULL, 10);
}

static int
in_order(const void *a, const void *b)
{
    const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

/* False: no memory. */
static bool
keep(unsigned **list, size_t *count, unsigned number)
{
    if ((*count & (*count - 1)) == 0) { /* full at each power of two */
        unsigned *more = realloc(*list, (*count == 0 ? 1 : 2 * *count) * sizeof *more);
        if (more == NULL)
            return false;
        *list = more;
    }
    (*list)[(*count)++] = number;
    return true;
}

int
history_parts(const char *path, unsigned **ret, size_t *ret_count, ndr_error *err)
{
    const char *base;
    const struct dirent *e;
    bool good = true;
    *ret = NULL;
    *ret_count = 0;
    const int fd = ndr_folder_of(path, &base);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return 0;
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        (void)ndr_fail(err, NDR_E_SYS, "list the folder of the history '%s'", path);
        if (fd >= 0)
            (void)close(fd); /* was only opened */
        return NDR_E_SYS;
    }
    for (errno = 0; good && (e = readdir(folder)) != NULL; errno = 0) {
        const unsigned number = number_of(e->d_name, base);
        good = number == 0 || keep(ret, ret_count, number);
    }
    int rc = 0;
    if (!good)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
    else if (errno != 0)
        rc = ndr_fail(err, NDR_E_SYS, "list the folder of the history '%s'", path);
    (void)closedir(folder); /* was only read */
    if (rc == 0 && *ret_count > 1)
        qsort(*ret, *ret_count, sizeof **ret, in_order);
    if (rc != 0) {
        free(*ret);
        *ret = NULL;
        *ret_count = 0;
    }
    return rc;
}

bool
history_part_path(const char *path, unsigned number, char *ret, size_t size)
{
    const int n = snprintf(ret, size, "%s.%u", path, number);
    return n > 0 && (size_t)n < size;
}

bool
history_part_is(const char *path, const struct stat *st)
{
    struct stat now;
    return lstat(path, &now) == 0 && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

size_t
history_parts_before(const char *path, const unsigned *list, size_t count,
                     const struct stat *st)
{
    char part[4096];
    for (size_t i = count; i > 0; i--)
        if (history_part_path(path, list[i - 1], part, sizeof part) &&
            history_part_is(part, st))
            return i - 1; /* what comes behind it is newer */
    return count;
}

/* The name of its next part. False: it has none. */
static bool
next_part(const char *path, char *ret, size_t size)
{
    unsigned *list = NULL;
    size_t count = 0;
    if (history_parts(path, &list, &count, NULL) != 0)
        return false;
    const unsigned next = count > 0 ? list[count - 1] + 1 : 1;
    free(list);
    return next <= HISTORY_PART_MOST && history_part_path(path, next, ret, size);
}

bool
history_part_end(const char *path, const struct stat *st)
{
    char part[4096];
    const char *base, *name;
    ndr_new_file next = {.fd = -1};
    const int dir = ndr_folder_of(path, &base);
    bool done = dir >= 0 && next_part(path, part, sizeof part) &&
                ndr_new_file_begin(&next, dir, NULL, 0600) &&
                fchown(next.fd, st->st_uid, st->st_gid) == 0 &&
                fchmod(next.fd, st->st_mode & 0777) == 0;
    if (done) { /* the new one under the number; then both change their names at once */
        name = strrchr(part, '/');
        name = name != NULL ? name + 1 : part;
        /* a folder that cannot be brought to the disk holds the name all the same */
        const enum ndr_new_file_step step = ndr_new_file_put(&next, name, false);
        done = step == NDR_NEW_FILE_DONE || step == NDR_NEW_FILE_FOLDER;
        if (done && renameat2(dir, base, dir, name, RENAME_EXCHANGE) != 0) {
            (void)unlinkat(dir, name, 0); /* nothing is in it: it would do no harm */
            done = false;
        }
        if (done)
            (void)ndr_folder_sync(dir); /* a name that is lost is the old one: no line
                                           goes with it */
    }
    ndr_new_file_drop(&next);
    if (dir >= 0)
        (void)close(dir); /* was only opened */
    return done;
}
