/* SPDX-License-Identifier: BSD-3-Clause */
/* tag_check.h - what is a tagged address worth, for tests. */
#ifndef TAG_CHECK_H
#define TAG_CHECK_H

#include "harness.h"
#include "ndrscan_proof.h"

/* By `check`, in the second hour of a day; below 0: at no known time. */
static inline ndr_tag
tag_check(ndr_tag (*check)(const ndr_secrets *secrets, ndr_slice address, int64_t at),
          const ndr_secrets *secrets, const char *address, int64_t day)
{
    unsigned char *exact = exact_copy(address, strlen(address));
    const ndr_tag tag = check(secrets, (ndr_slice){exact, strlen(address)},
                              day < 0 ? NDR_TIME_UNKNOWN : day * 86400 + 3600);
    free(exact);
    return tag;
}

#endif
