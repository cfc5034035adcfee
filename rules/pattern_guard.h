/* SPDX-License-Identifier: BSD-3-Clause */
/* pattern_guard.h - compile rules where a hostile pattern does no harm. */
#ifndef NDR_GUARD_H
#define NDR_GUARD_H

#include "ndrscan.h"

/*
 * Compile in a child process with bounds on processor time and memory, so that
 * a pattern that explodes ends as an error and not as a machine that swaps.
 * Where no child can be had, compile here. Returns 0, *ret and the bytes it
 * was taken from in `blob` (empty when compiled here), or an ndr_code: what
 * ndr_builder_compile says, NDR_E_LIMIT for the bounds, NDR_E_STOPPED when
 * the child was sent a signal.
 */
int ndr_guard_compile(const ndr_builder *b, unsigned cpu_s, ndr_ruleset **ret,
                      ndr_buffer *blob, ndr_error *err);

#endif
