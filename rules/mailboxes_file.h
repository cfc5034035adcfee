/* SPDX-License-Identifier: BSD-3-Clause */
/* mailboxes_file.h - how large may a map of mailboxes be? */
#ifndef NDR_MAILBOXES_FILE_H
#define NDR_MAILBOXES_FILE_H

enum { NDR_MAILBOXES_MOST_BYTES = 64 << 20 }; /* over a million lines */

#endif
