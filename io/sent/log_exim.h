/* SPDX-License-Identifier: BSD-3-Clause */
/* log_exim.h - what does one line of Exim's log say of mail that we sent? */
#ifndef LOG_EXIM_H
#define LOG_EXIM_H

#include "log_postfix.h"

/* As ndr_log_postfix. */
int ndr_log_exim(ndr_log_state *s, const ndr_log_line *line, ndr_error *err);

#endif
