/* SPDX-License-Identifier: BSD-3-Clause */
/* cache_dir.c - in which folder does a user keep what was compiled of his own rules? */
#include "ndr_file.h"
#include "ndrscan_rules.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a folder of mail has in it, as Maildirs, dbox and their servers make them. */
static bool
holds_mail(const char *folder)
{
    static const char *const files[] = {
        "maildirfolder",          "dovecot-uidlist",   "dovecot-uidvalidity",
        "dovecot-keywords",       "dovecot.index.log", "dovecot.mailbox.log",
        "dovecot.list.index.log", "courierimapuiddb",  "courierimapsubscribed",
        "cyrus.header",           "mailboxes",
    };
    char path[PATH_MAX];
    struct stat st;
    bool found = true;
    static const char *const both[] = {"cur", "new"};
    for (size_t i = 0; found && i < sizeof both / sizeof both[0]; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s", folder, both[i]);
        found = n > 0 && (size_t)n < sizeof path && stat(path, &st) == 0 &&
                S_ISDIR(st.st_mode);
    }
    for (size_t i = 0; !found && i < sizeof files / sizeof files[0]; i++) {
        const int n = snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        found = n > 0 && (size_t)n < sizeof path && lstat(path, &st) == 0;
    }
    return found;
}

/* Is `path` in a folder of mail, or a folder above it? A folder made there would show up
 * among its owner's mailboxes. */
static bool
is_in_mail(const char *path)
{
    char part[PATH_MAX];
    const size_t n = strlen(path);
    if (n >= sizeof part)
        return true; /* nobody knows */
    memcpy(part, path, n + 1);
    for (char *slash = strrchr(part, '/'); slash != NULL; slash = strrchr(part, '/')) {
        *slash = '\0';
        if (holds_mail(part))
            return true;
    }
    return false;
}

void
ndr_cache_dir(char *path, size_t size)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    struct stat st;
    int n = -1;
    size_t from = 0;
    if (size == 0)
        return;
    path[0] = '\0';
    /* the XDG specification: a path that is not absolute is to be ignored */
    if (xdg != NULL && xdg[0] == '/') {
        n = snprintf(path, size, "%s/ndrscan", xdg);
        from = 1;
    } else if (home != NULL && home[0] == '/' && stat(home, &st) == 0) {
        n = snprintf(path, size, "%s/.cache/ndrscan", home);
        from = strlen(home) + 1; /* a home is not ours to make */
    }
    if (n < 0 || (size_t)n >= size || is_in_mail(path) ||
        ndr_folders_make(path, from, 0700, false, NULL) != 0 || stat(path, &st) != 0 ||
        !S_ISDIR(st.st_mode))
        path[0] = '\0';
}
