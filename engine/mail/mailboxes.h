/* SPDX-License-Identifier: BSD-3-Clause */
/* mailboxes.h - which mailbox is it, by the path of its mail? */
#ifndef NDR_MAILBOXES_H
#define NDR_MAILBOXES_H

#include "address.h"

/* Its address, as far as the path tells it, borrowed from `m` and `room`; no domain: it
 * tells none. Pure. */
ndr_address
ndr_mailboxes_find(const ndr_mailboxes *m, const char *path, char room[NDR_PATH_BYTES]);

#endif
