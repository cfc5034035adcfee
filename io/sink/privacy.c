/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * privacy.c - who may read a new file that has mail of other files in it?
 *
 * Nobody who could not read each of them: its permissions are those that all of them
 * have, and so is its owner, where it can be given to him. Nor whom a folder on the way
 * to one of them does not let pass.
 */
#include "ndrscan_io.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ACCESS_LIST "system.posix_acl_access"

enum { READERS = 0666, OWNER = 0600, GROUP = 0060, OTHERS = 0006 };

/* Permissions of one more source. */
static void
take(ndr_privacy *p, const struct stat *st, unsigned mode)
{
    if (!p->some) {
        p->mode = READERS;
        p->uid = st->st_uid;
        p->gid = st->st_gid;
        p->one_uid = p->one_gid = true;
    }
    p->some = true;
    p->mode &= mode;
    p->one_uid = p->one_uid && p->uid == st->st_uid;
    p->one_gid = p->one_gid && p->gid == st->st_gid;
}

/*
 * Whom a folder does not let pass reads nothing in it. One that lets some pass does so by
 * its own owner and group, who may be others than those of what is in it.
 */
static void
pass_folder(ndr_privacy *p, const struct stat *st, bool listed)
{
    if ((st->st_mode & 0011) == 0011 && !listed)
        return;
    if (!p->shut) {
        p->shut_uid = st->st_uid;
        p->shut_gid = st->st_gid;
        p->shut_one_uid = p->shut_one_gid = true;
    }
    p->shut = true;
    p->shut_one_uid = p->shut_one_uid && p->shut_uid == st->st_uid;
    p->shut_one_gid = p->shut_one_gid && p->shut_gid == st->st_gid;
    ndr_privacy_limit(p, (st->st_mode & 0010) != 0 && !listed ? OWNER | GROUP : OWNER);
}

void
ndr_privacy_take(ndr_privacy *p, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
        /* a pipe may come from anywhere */
        ndr_privacy_limit(p, OWNER);
        return;
    }
    /* with an access control list the group's bits are a mask, no permission */
    const bool listed = fgetxattr(fd, ACCESS_LIST, NULL, 0) > 0;
    if (S_ISDIR(st.st_mode))
        pass_folder(p, &st, listed);
    else
        take(p, &st, st.st_mode & READERS & ~(listed ? (unsigned)GROUP : 0u));
}

/* Nobody but the maker of the new file. */
static void
keep_to_maker(ndr_privacy *p)
{
    p->shut = true;
    p->shut_one_uid = p->shut_one_gid = false;
    ndr_privacy_limit(p, OWNER);
}

void
ndr_privacy_take_way(ndr_privacy *p, int fd)
{
    char self[64], path[PATH_MAX];
    (void)snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    /* of what is open, and no names that may lead elsewhere by now */
    const ssize_t n = readlink(self, path, sizeof path - 1);
    if (n <= 0 || (size_t)n == sizeof path - 1 || path[0] != '/') {
        keep_to_maker(p);
        return;
    }
    path[n] = '\0';
    for (char *slash; (slash = strrchr(path, '/')) != NULL;) {
        struct stat st;
        slash[slash == path] = '\0'; /* "/" is the last */
        if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
            keep_to_maker(p);
        else
            pass_folder(p, &st, lgetxattr(path, ACCESS_LIST, NULL, 0) > 0);
        if (slash == path)
            return;
    }
}

void
ndr_privacy_limit(ndr_privacy *p, unsigned mode)
{
    if (!p->limited)
        p->limit = READERS;
    p->limited = true;
    p->limit &= mode;
}

int
ndr_privacy_apply(const ndr_privacy *p, int fd, ndr_error *err)
{
    struct stat st;
    const mode_t mask = umask(077);
    (void)umask(mask);
    unsigned mode = p->some ? p->mode : (unsigned)OWNER;
    if (p->limited)
        mode &= p->limit;
    mode &= ~(unsigned)mask;
    if (p->some) {
        /* who is not root can give it to a group of his at most; what was not given keeps
         * its owner, and its mode says less */
        const bool his = !p->shut || (p->shut_one_uid && p->shut_uid == p->uid);
        const uid_t uid = p->one_uid && his && geteuid() == 0 ? p->uid : (uid_t)-1;
        const gid_t gid = p->one_gid ? p->gid : (gid_t)-1;
        if (fchown(fd, uid, gid) != 0 && errno != EPERM && errno != EINVAL &&
            errno != ENOTSUP)
            return ndr_fail(err, NDR_E_SYS, "chown");
    }
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "fstat");
    if (!p->some || !p->one_gid || st.st_gid != p->gid)
        mode &= ~(unsigned)GROUP | (mode & OTHERS) << 3;
    if (p->shut && (!p->shut_one_gid || st.st_gid != p->shut_gid))
        mode &= ~(unsigned)GROUP;
    /* what its owner may not do with the sources he may do with his copy of them */
    return fchmod(fd, mode | OWNER) == 0 ? 0 : ndr_fail(err, NDR_E_SYS, "chmod");
}
