/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ndrscan.h - what a message is, what is decided about it, and how a run goes.
 *
 *   ndrscan_common.h    bytes, errors, words, times
 *   ndrscan_compile.h   rules -> ruleset
 *   ndrscan_scan.h      message -> verdict
 *   ndrscan_run.h       source -> verdicts -> sink, by many threads
 *   ndrscan_version.h   which version this is
 */
#ifndef NDRSCAN_H
#define NDRSCAN_H

#include "ndrscan_run.h"
#include "ndrscan_version.h"

#endif
