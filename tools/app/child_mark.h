/* SPDX-License-Identifier: BSD-3-Clause */
/* child_mark.h - was this verb started by another one? */
#ifndef CHILD_MARK_H
#define CHILD_MARK_H

#include <stdbool.h>

/*
 * From now on, what this process executes is a verb that a verb started: what it is to do
 * its parent says, whatever defaults say, which tell it only how mail is judged and where
 * things are. For the child behind fork. False: no memory.
 */
bool child_mark(void);
bool child_is_marked(void);

#endif
