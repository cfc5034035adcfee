/* SPDX-License-Identifier: BSD-3-Clause */
/* publish.c - who may have a file that a run writes, and may it be there already? */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int
there_already(const char *path, ndr_error *err)
{
    return ndr_fail(err, NDR_E_SYNTAX,
                    "'%s' is there already; choose another name, or replace it with "
                    "--force",
                    path);
}

int
publish_begin(publish *p, const char *path, bool force, ndr_error *err)
{
    *p = (publish){.path = path, .fd = -1, .dir = -1, .file = {.fd = -1}};
    struct stat st;
    const char *base = base_of(path);
    if (base[0] == '\0')
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", path);
    const bool there = lstat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is a folder; name a file", path);
    if (there && !force)
        return there_already(path, err);
    if (there && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return ndr_fail(err, NDR_E_SYNTAX, "'%s' is no regular file", path);
    p->dir = ndr_folder_of(path, &base);
    if (p->dir < 0)
        return ndr_fail(err, NDR_E_SYS, "open the folder of '%s'", path);
    if (!ndr_new_file_begin(&p->file, p->dir, NULL, 0600)) {
        const int code = ndr_fail(err, NDR_E_SYS, "create '%s'", path);
        publish_drop(p);
        return code;
    }
    p->fd = p->file.fd;
    return 0;
}

/* Let in who may read it, while it has no name that anybody knows. */
static int
open_up(const publish *p, const ndr_privacy *privacy, ndr_error *err)
{
    ndr_privacy own;
    struct stat st;
    if (privacy == NULL) {
        const mode_t mask = umask(077);
        (void)umask(mask);
        return fchmod(p->fd, 0666 & ~mask) == 0
                   ? 0
                   : ndr_fail(err, NDR_E_SYS, "chmod of '%s'", p->path);
    }
    own = *privacy;
    if (fstatat(p->dir, base_of(p->path), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(st.st_mode))
        ndr_privacy_limit(&own, st.st_mode);
    const int code = ndr_privacy_apply(&own, p->fd, err);
    if (code != 0)
        ndr_error_prefix(err, "'%s'", p->path);
    return code;
}

static int
put(publish *p, bool force, ndr_error *err)
{
    switch (ndr_new_file_put(&p->file, base_of(p->path), force)) {
    case NDR_NEW_FILE_DONE:
        return 0;
    case NDR_NEW_FILE_SYNC:
        return ndr_fail(err, NDR_E_SYS, "bring '%s' to the disk", p->path);
    case NDR_NEW_FILE_NAME:
        return errno == EEXIST && !force ? there_already(p->path, err)
                                         : ndr_fail(err, NDR_E_SYS, "name '%s'", p->path);
    case NDR_NEW_FILE_FOLDER:
        break;
    }
    return ndr_fail(err, NDR_E_SYS, "bring the name of '%s' to the disk", p->path);
}

int
publish_commit(publish *p, bool force, const ndr_privacy *privacy, ndr_error *err)
{
    int code = open_up(p, privacy, err);
    if (code == 0)
        code = put(p, force, err);
    publish_drop(p);
    return code;
}

void
publish_drop(publish *p)
{
    ndr_new_file_drop(&p->file);
    if (p->dir >= 0)
        (void)close(p->dir); /* was only looked at */
    p->fd = p->dir = -1;
}
