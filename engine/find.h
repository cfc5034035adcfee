/* SPDX-License-Identifier: BSD-3-Clause */
/* find.h - where do two given bytes stand side by side? */
#ifndef NDR_FIND_H
#define NDR_FIND_H

#include "ndrscan.h"

/*
 * Offset of the first i with p[i] == a and p[i + 1] == b, both within n; n
 * when there is none. Compares two shifted vectors, so that a rare pair of
 * common bytes ("\n-") costs as little as a rare byte.
 */
size_t ndr_find_pair(const unsigned char *p, size_t n, unsigned char a, unsigned char b);
/* The same, a byte at a time: what the tests hold the other against. */
size_t
ndr_find_pair_plain(const unsigned char *p, size_t n, unsigned char a, unsigned char b);

#endif
