/* SPDX-License-Identifier: BSD-3-Clause */
/* version.c - which version of the library runs? */
#include "ndrscan_version.h"

const char *
ndr_version(void)
{
    return NDR_VERSION;
}
