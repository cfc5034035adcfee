/* SPDX-License-Identifier: BSD-3-Clause */
/* sent_place.h - where is what was sent remembered, and under which name do we add to it?
 */
#ifndef SENT_PLACE_H
#define SENT_PLACE_H

#include "app/opts.h"

/* What --set and --machine say. */
typedef struct sent_place {
    char dir[4096];
    char machine[256];
} sent_place;

/* All as it is without options. */
void sent_place_begin(sent_place *p);
/* Take one option: 0; 1 when it is not one of these; or 2, told. */
int sent_place_option(sent_place *p, const opts *o, int id, const char *arg);
/* Behind the options: the folder that counts. 0, or 2, told. */
int sent_place_settle(sent_place *p);
/*
 * Make the folders above it where they are not there, and the folder itself where all
 * users look for it: for group ndrscan to ask, as the services do; without that group it
 * is said that others cannot. 0, or an ndr_code. Thread: main.
 */
int sent_place_make(const sent_place *p, ndr_error *err);
/* Tell of a file of the set that is left out; `ctx` counts them, a uint64_t. */
void sent_place_trouble(void *ctx, const char *file, const char *text);

#endif
