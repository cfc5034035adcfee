/* SPDX-License-Identifier: BSD-3-Clause */
/* file_put.c - see file_put.h. */
#include "file_put.h"

#include <sys/stat.h>

bool
file_put(int dir, const char *name, const char *beside, mode_t mode, bool replace,
         ndr_slice bytes)
{
    ndr_new_file f;
    if (!ndr_new_file_begin(&f, dir, beside, mode))
        return false;
    if (fchmod(f.fd, mode) == 0 && ndr_write_all(f.fd, bytes))
        return ndr_new_file_put(&f, name, replace) == NDR_NEW_FILE_DONE;
    ndr_new_file_drop(&f);
    return false;
}
