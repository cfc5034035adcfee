/* SPDX-License-Identifier: BSD-3-Clause */
/* places.c - where does the command keep things when it is not told? */
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

static int
find(const place *p, const char *name, char *path, size_t size, ndr_error *err)
{
    const char *set = getenv(p->variable);
    const char *home = getenv("HOME");
    int n = 0;
    if (set != NULL && set[0] == '/') {
        n = snprintf(path, size, "%s/ndrscan/%s", set, name);
    } else if (geteuid() == 0) {
        n = snprintf(path, size, "%s/%s", p->of_root, name);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(path, size, "%s/%s/ndrscan/%s", home, p->below_home, name);
    } else {
        errno = 0; /* no call failed */
        return ndr_fail(err, NDR_E_SYS, "no place for '%s': set HOME or %s", name,
                        p->variable);
    }
    if (n < 0 || (size_t)n >= size)
        return ndr_fail(err, NDR_E_LIMIT, "the path of '%s' is too long: set %s", name,
                        p->variable);
    return 0;
}

int
place_setting(const char *name, char *path, size_t size, ndr_error *err)
{
    static const place settings = {"XDG_CONFIG_HOME", "/etc/ndrscan", ".config"};
    return find(&settings, name, path, size, err);
}

int
place_state(const char *name, char *path, size_t size, ndr_error *err)
{
    static const place state = {"XDG_STATE_HOME", "/var/lib/ndrscan", ".local/state"};
    return find(&state, name, path, size, err);
}

int
place_make_above(const char *path, mode_t mode, ndr_error *err)
{
    const char *slash = strrchr(path, '/');
    char *up = slash != NULL && slash != path ? strndup(path, (size_t)(slash - path))
                                              : strdup("");
    if (up == NULL)
        return ndr_fail(err, NDR_E_NOMEM, "no memory for a path");
    const int code = up[0] != '\0' ? ndr_folders_make(up, 0, mode, false, err) : 0;
    free(up);
    if (code != 0)
        return code;
    return 0;
}
