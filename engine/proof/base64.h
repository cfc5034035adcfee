/* SPDX-License-Identifier: BSD-3-Clause */
/* base64.h - which bytes do the values of keys and signatures stand for? (RFC 4648 4) */
#ifndef NDR_BASE64_H
#define NDR_BASE64_H

#include "ndrscan.h"

/*
 * Decode base64 with white space anywhere in it and its padding in full; bits behind the
 * last byte count for nothing, as for other verifiers (RFC 4648 3.5). False when it is
 * none, is empty, or does not fit into `room` bytes. `out` holds the bytes, *len how
 * many. Pure. Source: RFC 6376 2.5 (base64string).
 */
bool ndr_base64_read(ndr_slice text, unsigned char *out, size_t room, size_t *len);
/* The character for six bits. */
char ndr_base64_char(unsigned six);

#endif
