/* SPDX-License-Identifier: BSD-3-Clause */
/* instance.h - by which number is what a weak proof leans on known again? */
#ifndef NDR_INSTANCE_H
#define NDR_INSTANCE_H

#include "ndrscan_proof.h"

/* The SHA-256 of the word, a NUL and the bytes; `lower` takes ASCII letters without case.
 * False when there are too many bytes. libcrypto is loaded. Thread: any. */
bool ndr_instance_of(const char *word, ndr_slice bytes, bool lower, ndr_instance *ret);

#endif
