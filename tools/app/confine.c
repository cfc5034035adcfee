/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * confine.c - what can the process still do, once it knows what it is to do?
 *
 * Raw system calls: the C library has no Landlock, and its set-id functions change every
 * thread. Threads take over the rights of the one that starts them.
 */
#define _DEFAULT_SOURCE /* syscall */
#include "confine.h"

#include "ndrscan_move.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Reading is left alone: the C library opens its charset tables, and we the library of
 * archives, when the first mail wants them. */
#define MOVE_MAIL                                                                        \
    (LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                      \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |                       \
     LANDLOCK_ACCESS_FS_REFER)
#define KEEP_FILES                                                                       \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                       \
     LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* The sanitizers' own look into /proc would be refused. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static bool
allow(int rules, const confine_place *place, long abi)
{
    const uint64_t truncate = abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;
    uint64_t rights = 0;
    switch (place->right) {
    case CONFINE_MOVE:
        rights = MOVE_MAIL;
        break;
    case CONFINE_KEEP:
        rights = KEEP_FILES | truncate;
        break;
    case CONFINE_UNLINK:
        rights = LANDLOCK_ACCESS_FS_REMOVE_FILE;
        break;
    }
    /* one at a time: there may be more folders than descriptors */
    const int fd = place->folder != NULL ? ndr_open_unlinked(place->folder) : place->fd;
    const struct landlock_path_beneath_attr below = {.allowed_access = rights,
                                                     .parent_fd = fd};
    const bool good = fd < 0 || syscall(SYS_landlock_add_rule, rules,
                                        LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
    if (place->folder != NULL && fd >= 0)
        (void)close(fd); /* was only read */
    return good;
}

bool
confine_to(const confine_place *place, size_t count)
{
    if (SANITIZED)
        return true;
    const long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 2) /* the first cannot rename between folders */
        return true;
    const struct landlock_ruleset_attr attr = {
        .handled_access_fs = MOVE_MAIL | KEEP_FILES |
                             (abi >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0) |
                             LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                             LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                             LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM};
    const int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (rules < 0)
        return false;
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = allow(rules, &place[i], abi);
    good = good && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    (void)close(rules); /* was only used */
    return good;
}

bool
confine(char *const *tree, size_t count, int journal)
{
    confine_place *place = calloc(count + 1, sizeof *place);
    if (place == NULL)
        return false;
    for (size_t i = 0; i < count; i++) /* none there: told when its turn comes */
        place[i] = (confine_place){.folder = tree[i], .fd = -1, .right = CONFINE_MOVE};
    place[count] = (confine_place){.fd = journal, .right = CONFINE_KEEP};
    const bool good = confine_to(place, count + 1);
    free(place);
    return good;
}

static void
files_as(uint32_t uid, uint32_t gid)
{
    (void)syscall(SYS_setfsgid, gid); /* answers what it was, never whether it worked */
    (void)syscall(SYS_setfsuid, uid);
}

int
owner_take(uint32_t uid, uint32_t gid, ndr_error *err)
{
    if (syscall(SYS_setgroups, 1, &gid) != 0)
        return ndr_fail(err, NDR_E_SYS, "take the groups of user %u", uid);
    files_as(uid, gid);
    /* an id that cannot be changes nothing: asking with one tells what is set */
    if ((uint32_t)syscall(SYS_setfsuid, -1) == uid &&
        (uint32_t)syscall(SYS_setfsgid, -1) == gid)
        return 0;
    owner_leave();
    errno = EPERM;
    return ndr_fail(err, NDR_E_SYS, "work as user %u", uid);
}

void
owner_leave(void)
{
    const gid_t own = getegid();
    files_as(geteuid(), own);
    (void)syscall(SYS_setgroups, 1, &own); /* fewer groups than before are no danger */
}
