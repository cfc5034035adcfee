/* SPDX-License-Identifier: BSD-3-Clause */
/* trust.c - see trust.h. */
#define _XOPEN_SOURCE 700 /* realpath, S_ISVTX */
#include "trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
owner_is_trusted(const struct stat *st)
{
    return st->st_uid == 0 || st->st_uid == geteuid();
}

bool
ndr_is_trusted(const struct stat *st)
{
    return owner_is_trusted(st) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Is each folder above `path` (from realpath) trusted? Else *end is cut behind it. */
static bool
above_is_trusted(char *path)
{
    struct stat st;
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        const char next = slash[1];
        slash[1] = '\0';
        const bool good = lstat(path, &st) == 0 && owner_is_trusted(&st) &&
                          (ndr_is_trusted(&st) || (st.st_mode & S_ISVTX) != 0);
        if (!good)
            return false;
        slash[1] = next;
    }
    return true;
}

int
ndr_open_trusted(const char *folder, char *ret_who, size_t size)
{
    char path[PATH_MAX];
    struct stat st;
    ret_who[0] = '\0';
    if (realpath(folder, path) == NULL)
        return -1;
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (above_is_trusted(path) && fstat(fd, &st) == 0 && ndr_is_trusted(&st))
        return fd;
    (void)close(fd); /* nothing was done with it */
    (void)snprintf(ret_who, size, "%s", path);
    errno = EPERM;
    return -1;
}
