/* SPDX-License-Identifier: BSD-3-Clause */
/* assets.h - what does the page load besides itself? Made by embed.py. */
#ifndef ASSETS_H
#define ASSETS_H

#include "ndrscan.h"

/* One file, served as /assets/NAME?v=MARK. */
typedef struct asset {
    const char *name, *type; /* NULL ends the table */
    const char *mark;        /* changes with the bytes */
    ndr_slice bytes;
} asset;

extern const asset assets[];

#endif
