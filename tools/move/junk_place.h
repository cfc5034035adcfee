/* SPDX-License-Identifier: BSD-3-Clause */
/* junk_place.h - which folder of a Maildir is its Junk folder? */
#ifndef JUNK_PLACE_H
#define JUNK_PLACE_H

#include "ndrscan.h"

enum { JUNK_PLACE_BYTES = 256 };

/*
 * The Junk folder of the Maildir `full` (without links), which may have to be made, into
 * `ret`: ".Spam", or "Spam" where folders have no dot (Dovecot's layout=fs).
 *
 * asked  the name that the operator gave, with or without the dot; one with a slash
 *        behind it has none for sure. NULL: the folder that has the special use \Junk in
 *        Dovecot's files, else the first that is there of those that mail programs and
 *        webmail make for junk, else Junk.
 * 0, or NDR_E_SYS. Thread: any. Source: Maildir++; RFC 6154; RFC 3501 5.1.3 (names).
 */
int junk_place_find(const char *full, const char *asked, char ret[JUNK_PLACE_BYTES],
                    ndr_error *err);
/* Whether mail programs make a folder of this name for junk, ".Spam" or "Spam". */
bool junk_place_is(const char *name);
/* Whether a name can be asked for: one folder, of up to 200 bytes. */
bool junk_place_can_be(const char *asked);

#endif
