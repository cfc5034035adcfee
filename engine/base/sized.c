/* SPDX-License-Identifier: BSD-3-Clause */
/* sized.c - which fields of a caller's options do both sides know? */
#include "ndr_sized.h"

#include <string.h>

enum { MOST_BYTES = 4096 }; /* what was never set is hardly ever below */

int
ndr_sized_take(void *own, size_t size, size_t least, const void *given, const char *name,
               ndr_error *err)
{
    size_t has;
    memcpy(&has, given, sizeof has);
    if (has < least || has > MOST_BYTES)
        return ndr_fail(err, NDR_E_INVAL,
                        "%s.size is %zu, which no version has; begin with NDR_SIZED(%s)",
                        name, has, name);
    const unsigned char *bytes = given;
    for (size_t i = size; i < has; i++)
        if (bytes[i] != 0)
            return ndr_fail(err, NDR_E_INVAL,
                            "%s has a field set that this version of libndrscan does not "
                            "know",
                            name);
    memset(own, 0, size);
    memcpy(own, given, has < size ? has : size);
    memcpy(own, &size, sizeof size);
    return 0;
}
