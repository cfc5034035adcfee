/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces_plan.h - how does a scan become a plan, and a plan a scan again? */
#ifndef PIECES_PLAN_H
#define PIECES_PLAN_H

#include "pieces.h"
#include "plan_file.h"

/*
 * The plan of what `run` asks for, its setup loaded: settings, names of rules and
 * windows, sources and pieces. `walk`: frames are found by reading. The copies' bytes
 * stay in it. 0; or 2, 75 or 130, told.
 */
int pieces_plan_make(const pieces *p, const pieces_run *run, bool walk, plan_file *ret);
/* Write it into a new folder of --plan. 0, or the exit status, told. */
int pieces_plan_write(const pieces *p, const plan_file *plan);
/*
 * Read the plan of --plan, and load rules and windows as it has them in place of what
 * `run` says; its input, output and the like are what they were. 0, or 2, told.
 */
int pieces_plan_follow(const pieces *p, pieces_run *run, plan_file *ret);
/* The windows of a followed plan as they were called where it was made: *ret (rows to be
 * freed), of which all else is borrowed. 0 or NDR_E_NOMEM. */
int pieces_plan_windows(const pieces *p, plan_file *plan, const ndr_windows *loaded,
                        ndr_windows *ret, ndr_error *err);

/* How an output that failed ends the command: 75 where another try may do. */
int pieces_status(const ndr_error *err);

#endif
