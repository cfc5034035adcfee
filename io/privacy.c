/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * privacy.c - who may read a new file that has mail of other files in it?
 *
 * Nobody who could not read each of them: its permissions are those that all of them
 * have, and so is its owner, where it can be given to him.
 */
#include "ndrscan_io.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

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

void
ndr_privacy_take(ndr_privacy *p, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) {
        /* a pipe may come from anywhere */
        ndr_privacy_limit(p, OWNER);
        return;
    }
    unsigned mode = st.st_mode & 0777;
    /* with an access control list the group's bits are a mask, no permission */
    if (fgetxattr(fd, "system.posix_acl_access", NULL, 0) > 0)
        mode &= ~(unsigned)GROUP;
    if (S_ISREG(st.st_mode)) {
        take(p, &st, mode & READERS);
        return;
    }
    /* whom a folder does not let in reads nothing in it */
    unsigned in = OWNER;
    if ((mode & 0010) != 0)
        in |= GROUP;
    if ((mode & 0001) != 0)
        in |= OTHERS;
    ndr_privacy_limit(p, in);
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
        const uid_t uid = p->one_uid && geteuid() == 0 ? p->uid : (uid_t)-1;
        const gid_t gid = p->one_gid ? p->gid : (gid_t)-1;
        if (fchown(fd, uid, gid) != 0 && errno != EPERM && errno != EINVAL &&
            errno != ENOTSUP)
            return ndr_fail(err, NDR_E_SYS, "chown");
    }
    if (fstat(fd, &st) != 0)
        return ndr_fail(err, NDR_E_SYS, "fstat");
    if (!p->some || !p->one_gid || st.st_gid != p->gid)
        mode &= ~(unsigned)GROUP | (mode & OTHERS) << 3;
    /* what its owner may not do with the sources he may do with his copy of them */
    return fchmod(fd, mode | OWNER) == 0 ? 0 : ndr_fail(err, NDR_E_SYS, "chmod");
}
