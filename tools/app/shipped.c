/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shipped.c - where are the rules that come with ndrscan?
 *
 * NDR_INSTALLED_RULES, NDR_RULES_FROM_BIN and their like come from meson. A program that
 * lies where it was built has a file beside it that names the rules of its source, so
 * that a change to them is seen without an install, and no program keeps a path of the
 * host on which it was built; else the rules lie where they lay when it was installed,
 * seen from the program's folder (a tree may be moved) or by the installation's name.
 */
#define _GNU_SOURCE /* O_NOFOLLOW */
#include "shipped.h"

#include "places.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of this program, without a slash at its end; "" when it cannot be told. */
static void
own_folder(char *folder, size_t size)
{
    const ssize_t n = readlink("/proc/self/exe", folder, size - 1);
    folder[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(folder, '/');
    folder[slash != NULL ? slash - folder : 0] = '\0';
}

/*
 * In the folder of a build: the folder of its source's rules, which the file beside the
 * program names. Another's file says nothing: who owns the program could change it, too.
 */
static bool
find_source_rules(const char *folder, char *path, size_t size)
{
    char beside[4200];
    struct stat program, st;
    (void)snprintf(beside, sizeof beside, "%s/rules-of-source", folder);
    const int fd =
        folder[0] != '\0' ? open(beside, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd < 0)
        return false;
    const bool own = stat("/proc/self/exe", &program) == 0 && fstat(fd, &st) == 0 &&
                     S_ISREG(st.st_mode) && st.st_uid == program.st_uid;
    const ssize_t n = own ? read(fd, path, size - 1) : -1;
    (void)close(fd); /* was only read */
    path[n > 0 ? n : 0] = '\0';
    path[strcspn(path, "\n")] = '\0';
    return path[0] == '/';
}

int
shipped_rules(char *path, size_t size, ndr_error *err)
{
    char exe[4096];
    own_folder(exe, sizeof exe);
    if (find_source_rules(exe, path, size) && is_folder(path))
        return 0;
    if (exe[0] != '\0') {
        const int put = snprintf(path, size, "%s/%s", exe, NDR_RULES_FROM_BIN);
        if (put > 0 && (size_t)put < size && is_folder(path))
            return 0;
    }
    (void)snprintf(path, size, "%s", NDR_INSTALLED_RULES);
    if (is_folder(path))
        return 0;
    errno = ENOENT;
    return ndr_fail(err, NDR_E_SYS,
                    "the shipped rules are not in '%s' (name others with --rules and "
                    "--no-shipped-rules)",
                    path);
}

void
shipped_find_databases(shipped_databases *ret)
{
    char exe[2048], rules[4096];
    ret->count = 0;
    if (place_system_cache("shipped.ndrc", ret->path[0], sizeof ret->path[0], NULL) == 0)
        ret->count++;
    char *to = ret->path[ret->count];
    own_folder(exe, sizeof exe);
    if (find_source_rules(exe, rules, sizeof rules))
        (void)snprintf(to, sizeof ret->path[0], "%s/shipped.ndrc", exe);
    else
        (void)snprintf(to, sizeof ret->path[0], "%s/%s", exe, NDR_DATABASE_FROM_BIN);
    if (exe[0] == '\0' || access(to, F_OK) != 0)
        (void)snprintf(to, sizeof ret->path[0], "%s", NDR_INSTALLED_DATABASE);
    ret->count++;
}
