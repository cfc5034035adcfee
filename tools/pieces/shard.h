/* SPDX-License-Identifier: BSD-3-Clause */
/* shard.h - which pieces are this worker's? */
#ifndef SHARD_H
#define SHARD_H

#include "ndr_plan.h"

/* One of `count` workers, `at` from 0. */
typedef struct shard {
    uint64_t at, count;
} shard;

enum { SHARDS_MAX = 1000000 };

/*
 * What --shard says: "K/N", "auto/N" or "auto", for which the environment is asked: the
 * task of a Slurm array or the index of a Kubernetes job, and for "auto" how many there
 * are, which Slurm tells truly only of an array 0-MAX of which all tasks are submitted.
 * 0, or NDR_E_SYNTAX with the remedy. Thread: main.
 */
int shard_parse(const char *text, shard *ret, ndr_error *err);
/* Is the piece this worker's? By its name alone, so that pieces which are done stay of
 * use when the number of workers changes. */
bool shard_has(const shard *s, const ndr_plan_piece *piece);

#endif
