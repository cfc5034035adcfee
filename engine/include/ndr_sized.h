/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndr_sized.h - options of a caller who may know fewer fields of them than we do, or
 * more.
 *
 * For the rooms; not installed.
 */
#ifndef NDR_SIZED_H
#define NDR_SIZED_H

#include "ndrscan_common.h"

/*
 * Copy a struct that begins with its size, as its maker knows it, into our own of `size`
 * bytes: fields that it lacks are zero there. `least` bytes it must have; what it has
 * beyond ours must be zero. 0, or NDR_E_INVAL, which calls it `name`. Thread: any.
 */
int ndr_sized_take(void *own, size_t size, size_t least, const void *given,
                   const char *name, ndr_error *err);

/* The same for a `type`, of which the first version ended with the field `last`. */
#define NDR_SIZED_TAKE(type, last, own, given, err)                                      \
    ndr_sized_take((own), sizeof(type),                                                  \
                   offsetof(type, last) + sizeof(((const type *)NULL)->last), (given),   \
                   #type, (err))

#endif
