/* SPDX-License-Identifier: BSD-3-Clause */
/* overruled.h - which defaults mean nothing beside what the command line says? */
#ifndef OVERRULED_H
#define OVERRULED_H

#include <stdbool.h>

/* Is a default of `by_default` passed over where `given` is on the command line, since
 * the verb takes not both? Names of options, without dashes. Pure. */
bool overruled_by(const char *of, const char *given, const char *by_default);
/* "a|b": a default of this option is passed over where none of these is asked for; NULL:
 * it stands alone. Static. */
const char *overruled_without(const char *of, const char *by_default);

#endif
