/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * config_copy.h - which rules and windows were in order when last looked at?
 *
 * For who has others judge by them, again and again, while their files are edited. They
 * are copied to files without a name, so that a bad change takes nothing out of force.
 */
#ifndef IN_FORCE_H
#define IN_FORCE_H

#include "app/setup.h"
#include "move/maildirs.h"

/* How an error or a warning names such a copy. */
#define IN_FORCE_NAME "/proc/self/fd/"

/* All zero: none yet. */
typedef struct config_copy {
    bool any;      /* something is in force */
    bool windows;  /* and windows are, be they none: their folder or file is there */
    bool identity; /* and an identity is */
    bool has_map;  /* the last of the copies is that of the map of mailboxes */
    ndr_error map_trouble; /* with the map itself, when it was last looked at; no text: it
                              is in order */
    strings words; /* options for a child that say so: --rules=…, --windows=…, … */
    int *fd;       /* the copies; children inherit them */
    size_t count, cap;
} config_copy;

/*
 * Look at the files that `asked` names (rules, windows, identity, mailboxes; the shipped
 * rules are taken as they are) and, if all are in order, take them in place of those
 * before. 0; 1: they changed meanwhile, look again; or 2, told: what was in force stays.
 * If the map of mailboxes alone is not in order, which is told, its old copy goes with
 * the others as they are now: a window that was ended is to end.
 * Thread: main.
 */
int config_copy_take(config_copy *f, const setup *asked);
/* The map was not in order: is it now? Told: if it is not for another reason. Nothing is
 * taken. */
bool config_copy_map_is_back(config_copy *f, const setup *asked);
/* Nothing is in force any more; what was there has to be there again. */
void config_copy_drop(config_copy *f);
void config_copy_free(config_copy *f);

#endif
