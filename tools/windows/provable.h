/* SPDX-License-Identifier: BSD-3-Clause */
/* provable.h - can a window that takes only what is forged ever take something? */
#ifndef PROVABLE_H
#define PROVABLE_H

#include "ndrscan.h"

/*
 * Whether, for each of `count` windows that take only what is forged, the identity states
 * that all mail of its domain carries a proof: without that nothing is proven forged.
 * `identity` is the file; NULL: the one by default. 0; NDR_E_SYNTAX in words about the
 * first that is not so; or what reading the identity says.
 */
int windows_provable(const char *identity, const ndr_window *w, size_t count,
                     ndr_error *err);

#endif
