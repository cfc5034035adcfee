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

#endif
