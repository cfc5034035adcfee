/* SPDX-License-Identifier: BSD-3-Clause */
/* windows_told.h - which windows are in force, for who starts something that stays? */
#ifndef WINDOWS_TOLD_H
#define WINDOWS_TOLD_H

#include "setup.h"

/*
 * Say on standard error which of the windows that `s` loaded are in force at `now`, a
 * line each up to ten, and where windows were looked for; warn where there are none.
 */
void windows_tell(const setup *s, int64_t now);
/* For who is started for each message: warn only where no window was ever made. */
void windows_warn(const setup *s);

#endif
