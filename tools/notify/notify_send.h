/* SPDX-License-Identifier: BSD-3-Clause */
/* notify_send.h - was it told? */
#ifndef NOTIFY_SEND_H
#define NOTIFY_SEND_H

#include "ndrscan.h"

/*
 * Run a command whose words are fixed, `text` on its standard input, and wait for it;
 * what it prints to standard output goes nowhere. True when it ended with 0. Else why, a
 * line, in `why`. What lasts longer than `limit_ms` is killed, with all that it started
 * and did not leave its group. SIGCHLD is blocked in the process. Thread: main, one at a
 * time.
 */
bool notify_send(char *const *word, ndr_slice text, int limit_ms, char *why, size_t size);

#endif
