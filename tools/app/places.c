/* SPDX-License-Identifier: BSD-3-Clause */
/* places.c - where does the command keep things when it is not told? */
#define _GNU_SOURCE /* secure_getenv */
#include "places.h"

#include "ndr_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One row of the table in places.h. */
typedef struct place {
    const char *variable, *of_root, *below_home;
} place;
/* from meson */
static const place settings = {"XDG_CONFIG_HOME", NDR_SETTINGS, ".config"};
static const place state = {"XDG_STATE_HOME", NDR_STATE, ".local/state"};
static const place cache = {"XDG_CACHE_HOME", NDR_CACHE, ".cache"};
static bool as_root, without_home;

void
places_of_root(void)
{
    as_root = true;
}

bool
place_is_roots(void)
{
    return as_root || geteuid() == 0;
}

/* What stands before the system's places: nothing, for a program that is installed. */
static const char *
system_root(void)
{
    char exe[4096];
    const char *root = secure_getenv("NDRSCAN_ROOT");
    if (root == NULL || root[0] != '/')
        return "";
    const ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    const char *slash = strrchr(exe, '/');
    const size_t folder = slash != NULL ? (size_t)(slash - exe) : 0;
    const bool installed = folder == strlen(NDR_INSTALLED_BIN) &&
                           strncmp(exe, NDR_INSTALLED_BIN, folder) == 0;
    return n <= 0 || installed ? "" : root;
}

static int
put(int n, const place *p, const char *name, size_t size, ndr_error *err)
{
    if (n < 0 || (size_t)n >= size)
        return ndr_fail(err, NDR_E_LIMIT, "the path of '%s' is too long: set %s", name,
                        p->variable);
    return 0;
}

static int
find_system(const place *p, const char *name, char *path, size_t size, ndr_error *err)
{
    return put(snprintf(path, size, "%s%s/%s", system_root(), p->of_root, name), p, name,
               size, err);
}

static int
find(const place *p, const char *name, char *path, size_t size, ndr_error *err)
{
    const char *set = getenv(p->variable);
    const char *home = without_home ? NULL : getenv("HOME");
    if (set != NULL && set[0] == '/')
        return put(snprintf(path, size, "%s/ndrscan/%s", set, name), p, name, size, err);
    if (place_is_roots())
        return find_system(p, name, path, size, err);
    if (home != NULL && home[0] == '/')
        return put(snprintf(path, size, "%s/%s/ndrscan/%s", home, p->below_home, name), p,
                   name, size, err);
    errno = 0; /* no call failed */
    return ndr_fail(err, NDR_E_SYS, "no place for '%s': set HOME or %s", name,
                    p->variable);
}

int
place_setting(const char *name, char *path, size_t size, ndr_error *err)
{
    return find(&settings, name, path, size, err);
}

int
place_state(const char *name, char *path, size_t size, ndr_error *err)
{
    return find(&state, name, path, size, err);
}

int
place_system_setting(const char *name, char *path, size_t size, ndr_error *err)
{
    return find_system(&settings, name, path, size, err);
}

int
place_system_state(const char *name, char *path, size_t size, ndr_error *err)
{
    return find_system(&state, name, path, size, err);
}

/* What cannot be looked at is there. */
static bool
is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int
find_there(const place *p, const char *name, char *path, size_t size, ndr_error *err)
{
    if (find(p, name, path, size, NULL) == 0 && is_there(path))
        return 0;
    return find_system(p, name, path, size, err);
}

int
place_setting_there(const char *name, char *path, size_t size, ndr_error *err)
{
    return find_there(&settings, name, path, size, err);
}

int
place_state_there(const char *name, char *path, size_t size, ndr_error *err)
{
    return find_there(&state, name, path, size, err);
}

int
place_system_cache(const char *name, char *path, size_t size, ndr_error *err)
{
    return find_system(&cache, name, path, size, err);
}

bool
places_leave_home(void)
{
    const char *home = getenv("HOME");
    char path[4096];
    struct stat st;
    if (place_is_roots() || home == NULL || home[0] != '/')
        return false;
    for (int i = 0; i < 2 && !without_home; i++) {
        const place *p = i == 0 ? &settings : &state;
        (void)snprintf(path, sizeof path, "%s/%s/ndrscan/.", home, p->below_home);
        without_home = lstat(path, &st) != 0 && errno == EACCES;
    }
    return without_home;
}

/* The system's folder of that row, made where `path` lies in it. */
static int
make_system(const place *p, const char *path, ndr_error *err)
{
    char folder[4096];
    struct stat st;
    if (find_system(p, "", folder, sizeof folder, NULL) != 0 ||
        strncmp(path, folder, strlen(folder)) != 0)
        return 0;
    folder[strlen(folder) - 1] = '\0';
    if (stat(folder, &st) == 0)
        return 0;
    const int rc = ndr_folders_make(folder, 0, 0755, true, err);
    return rc == 0 && chmod(folder, 0755) != 0
               ? ndr_fail(err, NDR_E_SYS, "open the folder '%s' to all users", folder)
               : rc;
}

int
place_make_system(const char *path, ndr_error *err)
{
    int rc = make_system(&settings, path, err);
    if (rc == 0)
        rc = make_system(&state, path, err);
    return rc == 0 ? make_system(&cache, path, err) : rc;
}

int
place_make_above(const char *path, mode_t mode, ndr_error *err)
{
    const int rc = place_make_system(path, err);
    if (rc != 0)
        return rc;
    const char *slash = strrchr(path, '/');
    char *up = slash != NULL && slash != path ? strndup(path, (size_t)(slash - path))
                                              : strdup("");
    if (up == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    const int code = up[0] != '\0' ? ndr_folders_make(up, 0, mode, false, err) : 0;
    free(up);
    return code;
}
