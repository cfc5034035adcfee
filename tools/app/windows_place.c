/* SPDX-License-Identifier: BSD-3-Clause */
/* windows_place.c - is there a folder of windows, or was there never one? */
#define _DEFAULT_SOURCE /* lstat */
#include "windows_place.h"

#include "history.h"
#include "json_writer.h"
#include "ndrscan_rules.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What history_each is asked for: a folder as JSON tells it, where a byte that is no
 * UTF-8 stands as U+FFFD. */
typedef struct search {
    ndr_buffer folder;
    bool found, failed;
} search;

static void
look_at_line(void *ctx, const history_line *line)
{
    search *s = ctx;
    ndr_buffer folder = {0};
    json_put_text(&folder, NULL, line->folder);
    s->failed = s->failed || folder.failed;
    s->found = s->found || ndr_slice_equal((ndr_slice){folder.ptr, folder.len},
                                           (ndr_slice){s->folder.ptr, s->folder.len});
    ndr_buffer_free(&folder);
}

/* Has a window of this folder ever been changed? *ret_path names the history. */
static int
was_used(const char *dir, bool *ret, char *ret_path, size_t size, ndr_error *err)
{
    history h;
    search s = {0};
    *ret = false;
    if (history_begin(&h, "", 0, NULL) != 0)
        return 0; /* no place for a history: nobody kept one */
    (void)snprintf(ret_path, size, "%s", h.path);
    ndr_buffer folder = {0};
    history_folder(dir, &folder);
    json_put_text(&s.folder, NULL, (ndr_slice){folder.ptr, folder.len});
    s.failed = folder.failed || s.folder.failed;
    ndr_buffer_free(&folder);
    int rc = s.failed ? 0 : history_each(h.path, look_at_line, &s, err);
    ndr_buffer_free(&s.folder);
    *ret = s.found;
    if (rc == 0 && s.failed)
        rc = ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
    return rc;
}

/* Does a link on the way to `dir`, which stat(2) does not find, lead nowhere? */
static bool
leads_nowhere(const char *dir)
{
    char part[4096];
    struct stat st;
    const size_t n = strlen(dir);
    for (size_t i = 1; i <= n && i < sizeof part; i++) {
        if (dir[i] != '/' && dir[i] != '\0')
            continue;
        memcpy(part, dir, i);
        part[i] = '\0';
        if (lstat(part, &st) != 0)
            return errno != ENOENT;
        if (stat(part, &st) != 0)
            return true;
    }
    return false;
}

/* Is there any file of windows in it, or is the first being written? What cannot be read
 * is told when it is loaded. */
static bool
has_windows(const char *dir)
{
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return true;
    bool found = false;
    errno = 0;
    for (const struct dirent *e; !found && (e = readdir(folder)) != NULL;) {
        const char *dot = strrchr(e->d_name, '.');
        found = strcmp(e->d_name, NDR_WINDOWS_NEW_FILE) == 0 ||
                (e->d_name[0] != '.' && dot != NULL &&
                 (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
    }
    found = found || errno != 0;
    (void)closedir(folder); /* was only read */
    return found;
}

int
windows_place(const char *dir, ndr_error *err)
{
    char kept[4096] = "";
    struct stat st;
    bool used = false;
    bool there = stat(dir, &st) == 0;
    if (there && (!S_ISDIR(st.st_mode) || has_windows(dir)))
        return WINDOWS_THERE;
    if (!there && (errno != ENOENT || leads_nowhere(dir)))
        return ndr_fail(err, NDR_E_SYS, "look at the windows in '%s'", dir);
    const int rc = was_used(dir, &used, kept, sizeof kept, err);
    if (rc != 0)
        return rc;
    /* the first window may have been made meanwhile: its file is written before it is
     * recorded */
    there = used ? stat(dir, &st) == 0 : there;
    if (used && there && has_windows(dir))
        return WINDOWS_THERE;
    if (used && there)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "'%s' is empty, though '%s' tells of windows there: is a file "
                        "system not mounted? If no window is meant, make an "
                        "empty " NDR_WINDOWS_OWN_FILE " in it",
                        dir, kept);
    if (used)
        return ndr_fail(err, NDR_E_SYNTAX,
                        "the windows in '%s' are gone, though '%s' tells of some: is a "
                        "file system not mounted? If no window is meant, make that "
                        "folder and an empty " NDR_WINDOWS_OWN_FILE " in it",
                        dir, kept);
    return there ? WINDOWS_EMPTY : WINDOWS_NEVER;
}
