/* SPDX-License-Identifier: BSD-3-Clause */
/* windows_place.c - is there a folder of windows, or was there never one? */
#define _GNU_SOURCE /* AT_EACCESS */
#include "windows_place.h"

#include "history.h"
#include "history_read.h"
#include "json_writer.h"
#include "ndr_file.h"
#include "ndrscan_rules.h"
#include "places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the history is asked for: a folder as JSON tells it, where a byte that is no
 * UTF-8 stands as U+FFFD. */
typedef struct search {
    ndr_slice folder;
    bool found, failed;
} search;

static bool
look_at_line(void *ctx, const history_line *line)
{
    search *s = ctx;
    ndr_buffer folder = {0};
    json_put_text(&folder, NULL, line->folder);
    s->failed = folder.failed;
    s->found = !s->failed && ndr_slice_equal(ndr_buffer_slice(&folder), s->folder);
    ndr_buffer_free(&folder);
    return !s->found && !s->failed;
}

/* Has a window of this folder ever been changed? *ret_path names the history. */
static int
was_used(const char *dir, bool *ret, char *ret_path, size_t size, ndr_error *err)
{
    history h;
    *ret = false;
    if (history_begin(&h, dir, "", 0, NULL) != 0)
        return 0; /* no place for a history: nobody kept one */
    (void)snprintf(ret_path, size, "%s", h.path);
    ndr_buffer folder = {0}, text = {0};
    history_folder(dir, &folder);
    json_put_text(&text, NULL, ndr_buffer_slice(&folder));
    ndr_buffer_byte(&text, '\0');
    int rc = folder.failed || text.failed
                 ? ndr_fail(err, NDR_E_NOMEM, "no memory for the history")
                 : 0;
    if (rc == 0) {
        search s = {.folder = {text.ptr, text.len - 1}};
        const history_asked asked = {(const char *)text.ptr, look_at_line, &s};
        ndr_error own = {0};
        rc = history_newest(h.path, &asked, &own);
        if (rc == NDR_E_SYS && own.sys_errno == EACCES)
            rc = 0; /* another's: who may not read it is not who moves mail by it */
        if (rc != 0 && err != NULL)
            *err = own;
        *ret = s.found;
        if (rc == 0 && s.failed)
            rc = ndr_fail(err, NDR_E_NOMEM, "no memory for the history");
    }
    ndr_buffer_free(&folder);
    ndr_buffer_free(&text);
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
    for (const struct dirent *e; !found && (e = readdir(folder)) != NULL;)
        found = strcmp(e->d_name, NDR_WINDOWS_NEW_FILE) == 0 || ndr_yaml_name(e->d_name);
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
    const bool shared = windows_place_is_system(dir);
    bool there = stat(dir, &st) == 0;
    if (there && (!S_ISDIR(st.st_mode) || has_windows(dir)))
        return WINDOWS_THERE;
    if (!there && (errno != ENOENT || leads_nowhere(dir)))
        return ndr_fail(err, NDR_E_SYS,
                        errno == EACCES && shared
                            ? "look at the windows in '%s' (root lets all users in by "
                              "chmod a+rx, of it and of the folder it is in)"
                            : "look at the windows in '%s'",
                        dir);
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

/* ---- the places by default ------------------------------------------------------- */

static const char name[] = "windows.d";

static bool
has_place(const windows_places *p, const char *dir)
{
    for (size_t i = 0; i < p->count; i++)
        if (strcmp(p->dir[i], dir) == 0)
            return true;
    return false;
}

void
windows_places_find(windows_places *ret)
{
    static int (*const find[WINDOWS_PLACES])(
        const char *, char *, size_t, ndr_error *) = {place_system_setting,
                                                      place_system_state, place_setting};
    ret->count = 0;
    for (size_t i = 0; i < WINDOWS_PLACES; i++) {
        char *dir = ret->dir[ret->count];
        if (find[i](name, dir, sizeof ret->dir[0], NULL) == 0 && !has_place(ret, dir))
            ret->count++;
    }
}

/* Is `dir`, without the slashes at its end, the place of that name? */
static bool
is_place(int (*find)(const char *, char *, size_t, ndr_error *), const char *dir)
{
    char path[4096];
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    return find(name, path, sizeof path, NULL) == 0 && strlen(path) == n &&
           strncmp(path, dir, n) == 0;
}

bool
windows_place_is_system(const char *dir)
{
    return is_place(place_system_state, dir) || is_place(place_system_setting, dir);
}

bool
windows_place_group(gid_t *ret)
{
    char shared[4096];
    struct stat st;
    if (place_system_state(name, shared, sizeof shared, NULL) != 0 ||
        stat(shared, &st) != 0 || (st.st_mode & S_IWGRP) == 0)
        return false;
    *ret = st.st_gid;
    return true;
}

bool
windows_place_is_writable(const char *dir)
{
    return faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0;
}

int
windows_place_written(char *path, size_t size, ndr_error *err)
{
    const char *set = getenv("XDG_CONFIG_HOME");
    if (set != NULL && set[0] == '/')
        return place_setting(name, path, size, err);
    const int rc = place_system_state(name, path, size, err);
    if (rc != 0 || place_is_roots() || windows_place_is_writable(path))
        return rc;
    return place_setting(name, path, size, err);
}

bool
windows_place_is_closed(const char *dir, char *folder, size_t size)
{
    struct stat st;
    (void)snprintf(folder, size, "%s", dir);
    if (stat(folder, &st) == 0 && (st.st_mode & S_IXOTH) == 0)
        return true;
    *strrchr(folder, '/') = '\0';
    return stat(folder, &st) == 0 && (st.st_mode & S_IXOTH) == 0;
}

int
windows_place_make(const char *dir, ndr_error *err)
{
    char above[4096];
    struct stat st;
    if (!windows_place_is_system(dir) || stat(dir, &st) == 0)
        return 0;
    (void)snprintf(above, sizeof above, "%s", dir);
    *strrchr(above, '/') = '\0';
    int rc = place_make_system(dir, err);
    if (rc == 0)
        rc = ndr_folders_make(dir, strlen(above), 0755, false, err);
    const struct group *group = rc == 0 ? getgrnam("ndrscan") : NULL;
    const bool given = group != NULL && chown(dir, (uid_t)-1, group->gr_gid) == 0;
    if (rc == 0 && chmod(dir, given ? 02775 : 0755) != 0)
        rc = ndr_fail(err, NDR_E_SYS, "the folder '%s'", dir);
    return rc;
}

int
windows_places_written(windows_places *places, const char *list[WINDOWS_PLACES],
                       ndr_error *err)
{
    windows_places all;
    char own[4200];
    int count = 1;
    windows_places_find(&all);
    const int rc = windows_place_written(places->dir[0], sizeof places->dir[0], err);
    if (rc != 0)
        return rc;
    list[0] = places->dir[0];
    for (size_t i = 0; i < all.count; i++) {
        (void)snprintf(own, sizeof own, "%s/" NDR_WINDOWS_OWN_FILE, all.dir[i]);
        if (count == WINDOWS_PLACES || strcmp(all.dir[i], list[0]) == 0 ||
            access(own, F_OK) != 0 || !windows_place_is_writable(all.dir[i]))
            continue;
        memcpy(places->dir[count], all.dir[i], sizeof all.dir[i]);
        list[count] = places->dir[count];
        count++;
    }
    return count;
}

int
windows_places_there(const char *first, windows_places *places,
                     const char *list[WINDOWS_PLACES], ndr_error *err)
{
    int count = 0;
    if (first != NULL)
        list[count++] = first;
    windows_places_find(places);
    for (size_t i = 0; i < places->count; i++) {
        if (count == WINDOWS_PLACES ||
            (first != NULL && strcmp(places->dir[i], first) == 0))
            continue;
        const int rc = windows_place(places->dir[i], err);
        if (rc < 0)
            return rc;
        if (rc == WINDOWS_THERE)
            list[count++] = places->dir[i];
    }
    return count;
}
