/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * windows_place.h - is there a folder of windows, or was there never one?
 *
 * Whoever takes a folder that cannot be looked at for one that holds nothing brings back
 * all that was junked, or lets a storm through. So no windows are only those of a folder
 * that never was: nothing is at its path, no link on the way there leads nowhere, and the
 * history tells of no change of it.
 */
#ifndef WINDOWS_PLACE_H
#define WINDOWS_PLACE_H

#include "ndrscan.h"

#include <sys/types.h>

enum windows_place {
    WINDOWS_NEVER, /* no windows: it never was */
    WINDOWS_EMPTY, /* a folder without a file of windows, of which nothing is known */
    WINDOWS_THERE, /* it can be looked at */
};

/*
 * Look at `dir`, a folder or a file. One of these; or NDR_E_SYS when it cannot be looked
 * at, whatever the reason, NDR_E_SYNTAX when the history tells of windows in it and they,
 * or it, are not there, with the remedy. Changes nothing. To be asked before windows are
 * changed, too: a file that is made in the place of those that are gone would pass for
 * all there are. Thread: any.
 */
int windows_place(const char *dir, ndr_error *err);

/*
 * Where windows are kept when no option says, for every verb of every user: the
 * administrator's, in the system's settings; those that `block` and the page write, in
 * its state; and one's own. What a user has adds to the others and replaces none.
 */
enum { WINDOWS_PLACES = 3 };
typedef struct windows_places {
    size_t count;
    char dir[WINDOWS_PLACES][4096];
} windows_places;
void windows_places_find(windows_places *ret);

/*
 * The folder that `block` and the page write, into `path`: the system's for root and for
 * who may write to it, unless XDG_CONFIG_HOME says another; else one's own. 0, or
 * NDR_E_SYS where there is no place, NDR_E_LIMIT.
 */
int windows_place_written(char *path, size_t size, ndr_error *err);
/*
 * That folder, and behind it those of the others in which a program wrote windows once
 * and this process may write: what `unblock` can end. How many, into `list`, or an
 * ndr_code. `places` keeps the names.
 */
int windows_places_written(windows_places *places, const char *list[WINDOWS_PLACES],
                           ndr_error *err);
/*
 * Those places by default that have windows, into `list`: how many, or an ndr_code.
 * `places` is filled in and keeps the names. `first`, unless it is NULL, is before the
 * others, whether it has windows or not.
 */
int windows_places_there(const char *first, windows_places *places,
                         const char *list[WINDOWS_PLACES], ndr_error *err);
/* Is it one of the system's, which all users read? */
bool windows_place_is_system(const char *dir);
/* The group that may write the windows of all users; false: there is none. */
bool windows_place_group(gid_t *ret);
/* May this process write to it? */
bool windows_place_is_writable(const char *dir);
/* May others than its owner and group not look into the system's folder `dir`, or the one
 * that it is in? Which it is, into `folder`. */
bool windows_place_is_closed(const char *dir, char *folder, size_t size);
/*
 * Before a window is written: make the system's folder, if that is what `dir` is and it
 * is not there, for all to read and for group ndrscan, where there is one, to write,
 * whatever the umask. 0, or NDR_E_SYS.
 */
int windows_place_make(const char *dir, ndr_error *err);

#endif
