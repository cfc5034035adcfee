/* SPDX-License-Identifier: BSD-3-Clause */
/* yaml_files.c - see yaml_files.h. */
#define _GNU_SOURCE /* scandirat */
#include "yaml_files.h"

#include "ndr_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOW = O_RDONLY | O_NONBLOCK | O_NOCTTY };

static int
is_yaml(const struct dirent *e)
{
    return ndr_yaml_name(e->d_name);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
no_look(int fd, const char *shown, ndr_error *err)
{
    const int code = ndr_fail(err, NDR_E_SYS, "open '%s'", shown);
    (void)close(fd); /* was only read */
    return code;
}

static int
give_member(int dir, const char *path, const char *name, yaml_file_taker take, void *ctx,
            ndr_error *err)
{
    ndr_buffer shown = {0};
    struct stat st;
    ndr_buffer_printf(&shown, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/",
                      name);
    ndr_buffer_byte(&shown, '\0');
    const char *full = (const char *)shown.ptr;
    int code = shown.failed ? ndr_fail(err, NDR_E_NOMEM, "%s: no memory", path) : 0;
    const int fd = code == 0 ? ndr_open_own(dir, name, full, HOW, err) : code;
    if (fd < 0)
        code = fd;
    else if (fstat(fd, &st) != 0)
        code = no_look(fd, full, err);
    else if (S_ISREG(st.st_mode))
        code = take(ctx, full, fd, err);
    else {
        if (!S_ISDIR(st.st_mode)) /* a folder is passed over, as by loading */
            code =
                ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file; take it out", full);
        (void)close(fd); /* was not even read */
    }
    ndr_buffer_free(&shown);
    return code;
}

int
yaml_files_each(const char *path, yaml_file_taker take, void *ctx, ndr_error *err)
{
    struct stat st;
    struct dirent **entry = NULL;
    const int top = ndr_open_own(AT_FDCWD, path, path, HOW, err);
    if (top < 0)
        return top;
    if (fstat(top, &st) != 0)
        return no_look(top, path, err);
    if (!S_ISDIR(st.st_mode))
        return take(ctx, path, top, err);
    const int count = scandirat(top, ".", &entry, is_yaml, by_bytes);
    int code = count < 0 ? ndr_fail(err, NDR_E_SYS, "read folder '%s'", path) : 0;
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = give_member(top, path, entry[i]->d_name, take, ctx, err);
        free(entry[i]);
    }
    free(entry);
    (void)close(top); /* was only read */
    return code;
}
