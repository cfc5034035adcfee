/* SPDX-License-Identifier: BSD-3-Clause */
/* shipped.h - where are the rules that come with ndrscan? */
#ifndef SHIPPED_H
#define SHIPPED_H

#include "ndrscan.h"

/*
 * The folder of the shipped rules into `path` (size bytes, NUL-terminated): the
 * source's own when this program runs from its build folder, else the
 * installed one. NDR_E_SYS when it is not there.
 */
int shipped_rules(char *path, size_t size, ndr_error *err);

/* Files that may hold those rules compiled, the first to be looked at first. */
enum { SHIPPED_DATABASES = 2 };
typedef struct shipped_databases {
    char path[SHIPPED_DATABASES][4096];
    size_t count;
} shipped_databases;
/* The host's own, which `ndrscan rules compile --install` writes, then the one that came
 * with ndrscan. */
void shipped_find_databases(shipped_databases *ret);

#endif
