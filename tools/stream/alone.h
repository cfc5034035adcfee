/* SPDX-License-Identifier: BSD-3-Clause */
/* alone.h - when does ndrscan-client leave a message to ndrscan itself, and how? */
#ifndef ALONE_H
#define ALONE_H

#include "ndrscan.h"

/*
 * Would the server at `path` judge as this user's own ndrscan does? Not where nobody
 * answers there, nor where the user has windows, rules, options, an identity or a set of
 * what was sent of its own, of which a server knows nothing. Asks nothing.
 */
bool alone_is_better(const char *path);

/*
 * Become `ndrscan WORD ARGS`, of the folder of this program or else of PATH, before
 * anything of the message is read. `args`: a NUL behind each. Returns where that fails:
 * the exit status, told.
 */
int alone_run(const char *word, const ndr_buffer *args);

#endif
