/* SPDX-License-Identifier: BSD-3-Clause */
/* whole_file.h - what is in an open file? */
#ifndef NDR_WHOLE_FILE_H
#define NDR_WHOLE_FILE_H

#include "ndrscan_common.h"

/* All of it into *ret, which is to be freed whatever is answered. `shown` is how errors
 * name it. 0, NDR_E_SYS, NDR_E_LIMIT (over `most` bytes, of whole MiB), NDR_E_NOMEM. */
int
ndr_whole_file(int fd, const char *shown, size_t most, ndr_slice *ret, ndr_error *err);

#endif
