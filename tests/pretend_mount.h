/* SPDX-License-Identifier: BSD-3-Clause */
/* pretend_mount.h - what if this file system were another? For who includes it, fstatfs
 * is not the system's: it needs _GNU_SOURCE. */
#ifndef PRETEND_MOUNT_H
#define PRETEND_MOUNT_H

#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PRETEND_NFS = 0x6969 };

/* What statfs(2) says; 0: what is so. */
static unsigned pretended_type;

int
fstatfs(int fd, struct statfs *ret)
{
    if (syscall(SYS_fstatfs, fd, ret) != 0)
        return -1;
    if (pretended_type != 0)
        ret->f_type = (__typeof__(ret->f_type))pretended_type;
    return 0;
}

#endif
