/* SPDX-License-Identifier: BSD-3-Clause */
/* stop.h - did a signal ask the run to end? */
#ifndef STOP_H
#define STOP_H

#include "ndrscan.h"

/*
 * From now on SIGTERM and SIGINT end the program at once, with the exit status of a
 * stopped run: nothing is in flight while rules are compiled. Where SIGINT is ignored,
 * it stays so. Thread: main.
 */
void stop_at_once_on_signals(void);
/*
 * From now on SIGTERM and SIGINT set the flag that `stop_flag` gives and have
 * `source` stop waiting for input; a second SIGINT kills the program at once.
 * `source` must live until stop_forget. Thread: main.
 */
void stop_on_signals(ndr_source *source);
/* SIGHUP is taken as SIGTERM is, now and later, unless it is ignored (nohup). */
void stop_on_hangup(void);
void stop_forget(void);
const ndr_stop *stop_flag(void);
/* The signal that came, or 0. */
int stop_signal(void);

#endif
