/* SPDX-License-Identifier: BSD-3-Clause */
/* ndr_clock.h - how long has something taken? For the rooms and the tools; not
 * installed. */
#ifndef NDR_CLOCK_H
#define NDR_CLOCK_H

#include "ndrscan_common.h"

/* Since a moment that stays the same while the system runs: whoever sets the clock
 * changes nothing. From any thread, and from a signal handler. */
NDR_API int64_t ndr_now_us(void);
NDR_API int64_t ndr_now_ms(void);

#endif
