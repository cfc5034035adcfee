/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * move_name.h - what is a message called on the way to Junk, and on the way back?
 *
 *   1210755725.M1P1.mx,S=2048:2,RSab
 *   '---------- base ---------'  '' flags, and keyword letters that mean something
 *                             info  in this folder only
 *
 * Source: the Maildir specification; Maildir++ for S= (size).
 */
#ifndef NDR_MOVE_NAME_H
#define NDR_MOVE_NAME_H

#include "ndrscan.h"

enum { NDR_NAME_BYTES = 256 }; /* NAME_MAX and the NUL */

/* How many bytes of `name` are its base; "", ":2," and the like have none (0). */
size_t ndr_name_base(const char *name);
/* `name` without keyword letters. False when it does not fit. */
bool ndr_name_out(const char *name, char ret[NDR_NAME_BYTES]);
/*
 * The name to go back to. `was`: before it was moved; `moved`: right behind; `now`: at
 * present. Unchanged: `was`. Else the base of `was`, the flags of `now`, and the keyword
 * letters of `was`; those of `now` belong to the folder that it leaves. False when it
 * does not fit.
 */
bool ndr_name_back(const char *was, const char *moved, const char *now,
                   char ret[NDR_NAME_BYTES]);
/* `name` under a base that differs by `mark`, put before ",S="; false: does not fit. */
bool ndr_name_fresh(const char *name, const char *mark, char ret[NDR_NAME_BYTES]);
/* "folder/cur/NAME" into its parts: false unless it is one. folder may be "". */
bool
ndr_name_split(const char *rel, char folder[512], int *ret_half, const char **ret_name);

#endif
