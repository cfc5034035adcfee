/* SPDX-License-Identifier: BSD-3-Clause */
/* child_mark.c - was this verb started by another one? */
#include "child_mark.h"

#include <stdlib.h>

static const char name[] = "NDRSCAN_CHILD";

bool
child_mark(void)
{
    return setenv(name, "1", 1) == 0;
}

bool
child_is_marked(void)
{
    return getenv(name) != NULL;
}
