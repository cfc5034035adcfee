/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * shipped.c - where are the rules that come with ndrscan?
 *
 * NDR_BUILD_DIR, NDR_SOURCE_RULES, NDR_INSTALLED_RULES and NDR_RULES_FROM_BIN
 * come from meson. A program whose own file lies in the build folder uses the
 * rules of its source, so that a change to them is seen without an install;
 * else the rules lie where they lay when it was installed, seen from the
 * program's folder (a tree may be moved) or by the installation's name.
 */
#include "shipped.h"

#include <errno.h>
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

int
shipped_rules(char *path, size_t size, ndr_error *err)
{
    char exe[4096];
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    const size_t build = strlen(NDR_BUILD_DIR);
    if (strncmp(exe, NDR_BUILD_DIR, build) == 0 && exe[build] == '/') {
        (void)snprintf(path, size, "%s", NDR_SOURCE_RULES);
        if (is_folder(path))
            return 0;
    }
    char *slash = strrchr(exe, '/');
    if (slash != NULL) {
        *slash = '\0';
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
