/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * places.h - where does the command keep things when it is not told?
 *
 *              settings                        state
 *   XDG set    $XDG_CONFIG_HOME/ndrscan        $XDG_STATE_HOME/ndrscan
 *   root       /etc/ndrscan                    /var/lib/ndrscan
 *   else       $HOME/.config/ndrscan           $HOME/.local/state/ndrscan
 *
 * Those of root are the system's, which all users share; meson's sysconfdir and
 * localstatedir say where they are. A relative path in those variables is passed over, as
 * the XDG base directory specification asks.
 *
 * A program that is not where it would be installed puts NDRSCAN_ROOT before the system's
 * places, so that it can be tried out beside another. One that is installed never asks.
 */
#ifndef PLACES_H
#define PLACES_H

#include "ndrscan.h"

#include <sys/types.h>

/*
 * The path of `name` below the settings (windows.d) or the state (journal, stats.db)
 * into `path`, NUL-terminated. Nothing is looked for or made. NDR_E_SYS (errno 0) when
 * neither variable nor HOME says where, NDR_E_LIMIT when it does not fit `size`.
 * Thread: main.
 */
int place_setting(const char *name, char *path, size_t size, ndr_error *err);
int place_state(const char *name, char *path, size_t size, ndr_error *err);
/* The same below the system's, whoever asks. */
int place_system_setting(const char *name, char *path, size_t size, ndr_error *err);
int place_system_state(const char *name, char *path, size_t size, ndr_error *err);
int place_system_cache(const char *name, char *path, size_t size, ndr_error *err);
/* One's own if there is something of that name, else the system's. */
int place_setting_there(const char *name, char *path, size_t size, ndr_error *err);
int place_state_there(const char *name, char *path, size_t size, ndr_error *err);
/*
 * May this process not enter HOME, or what of ours is kept there? Then it has none from
 * now on, and what all users share is what there is. For who passes mail on, where the
 * HOME of somebody else must not stop it; not for who moves mail, and would bring it back
 * without its windows. True: it is so, and errno says why.
 */
bool places_leave_home(void);
/* From now on this process, whoever it is, keeps its things where root does. */
void places_of_root(void);
/* Does it, being root or by that call? */
bool place_is_roots(void);
/*
 * Where `path` lies in a folder of the system's (/var/lib/ndrscan), make that one if it
 * is not there: for all users to look into, whoever comes first, with whatever umask, for
 * windows are in it. What is secret there is closed by itself. 0 or NDR_E_SYS, told as
 * below; 0, too, where `path` lies elsewhere. Thread: main.
 */
int place_make_system(const char *path, ndr_error *err);
/*
 * Make the folders above `path` that are not there, as mkdir -p, with `mode` but for the
 * system's. 0; or NDR_E_SYS with the folder that cannot be made and why, NDR_E_LIMIT.
 * Thread: main.
 */
int place_make_above(const char *path, mode_t mode, ndr_error *err);

#endif
