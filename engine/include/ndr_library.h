/* SPDX-License-Identifier: BSD-3-Clause */
/* ndr_library.h - how are the functions of a library found when it is first needed? For
 * the rooms; not installed. */
#ifndef NDR_LIBRARY_H
#define NDR_LIBRARY_H

#include "ndrscan_common.h"

typedef struct ndr_library_call {
    const char *name;
    void *place; /* of the function's pointer */
} ndr_library_call;

enum { NDR_LIBRARY_WHY = 200 };

/*
 * Load the library `file`, as dlopen(3) finds it, and set the pointer of each call; it
 * stays loaded. False: it is not there or lacks a call, which is in `why`; pointers of
 * calls before that one are set. Thread: any, a table from one at a time.
 */
bool ndr_library_load(const char *file, const ndr_library_call *call, size_t count,
                      char why[NDR_LIBRARY_WHY]);

#endif
