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

#endif
