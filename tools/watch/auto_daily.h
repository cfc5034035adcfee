/* SPDX-License-Identifier: BSD-3-Clause */
/* auto_daily.h - what came in the last day, told once a day? */
#ifndef AUTO_DAILY_H
#define AUTO_DAILY_H

#include "auto_tell.h"

/* When that minute of the day (local time) was last, at `now`. Thread: main. */
int64_t auto_daily_at(int minute, int64_t now);
/*
 * Tell what came in the day before `at`: the operator of all domains, and those who look
 * after each domain of `list` to which something came. 0, or what the view says.
 */
int auto_daily_tell(auto_teller *t, ndr_counts_view *view, const auto_list *list,
                    const auto_state *state, int64_t at, ndr_error *err);

#endif
