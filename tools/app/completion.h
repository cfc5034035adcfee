/* SPDX-License-Identifier: BSD-3-Clause */
/* completion.h - how do zsh and fish complete what the tables of options say? */
#ifndef COMPLETION_H
#define COMPLETION_H

#include "opts.h"

/* The completion of all verbs (NULL-terminated list) for one shell. */
void completion_fish(const verb *const *list, FILE *out);
void completion_zsh(const verb *const *list, FILE *out);
/* A shell's command that prints what the operands of the verb of that name may be, one a
 * line; NULL: files.
 */
const char *completion_operands(const char *name);

#endif
