/* SPDX-License-Identifier: BSD-3-Clause */
/* yaml_full.h - how does YAML read with everything in it written out? */
#ifndef NDR_YAML_FULL_H
#define NDR_YAML_FULL_H

#include "ndrscan.h"

#include <yaml.h>

/*
 * A document put together event by event, as text. Every call after one that found
 * no memory does nothing; ndr_yaml_full_end tells. One thread.
 */
typedef struct ndr_yaml_full {
    yaml_emitter_t emitter;
    ndr_buffer text;
    bool begun, failed;
} ndr_yaml_full;

/* Zeroed or ended before. Free what comes of it with ndr_yaml_full_free. */
void ndr_yaml_full_begin(ndr_yaml_full *f);
void ndr_yaml_full_free(ndr_yaml_full *f);

/* `plain`: not between quotes, so that it may be a number, true or nothing. */
void ndr_yaml_full_scalar(ndr_yaml_full *f, ndr_slice value, bool plain);
void ndr_yaml_full_open_map(ndr_yaml_full *f);
void ndr_yaml_full_close_map(ndr_yaml_full *f);
void ndr_yaml_full_open_list(ndr_yaml_full *f);
void ndr_yaml_full_close_list(ndr_yaml_full *f);

/* The whole document, valid until freed; false: no memory. */
bool ndr_yaml_full_end(ndr_yaml_full *f, ndr_slice *ret);

#endif
