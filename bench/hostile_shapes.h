/* SPDX-License-Identifier: BSD-3-Clause */
/* hostile_shapes.h - which messages does nobody send by accident? */
#ifndef HOSTILE_SHAPES_H
#define HOSTILE_SHAPES_H

#include "ndrscan.h"

typedef struct hostile_shape {
    const char *name; /* a word or two, without blanks */
    /* NUL-terminated; empty where there is nothing */
    const char *header; /* up to the empty line, or into the field that never ends */
    const char *before; /* once */
    const char *unit;   /* over and over; "%d" in it counts from 0 */
    const char *behind; /* once */
    size_t most;        /* units at most, 0: as many as fit; the rest is plain lines */
    unsigned nest;      /* multiparts that are opened between header and `before` */
} hostile_shape;

extern const hostile_shape hostile_shapes[];
extern const size_t hostile_shape_count;

/* The message of that shape, `bytes` long or a little longer, appended to `out`. */
void hostile_make(const hostile_shape *shape, size_t bytes, ndr_buffer *out);

#endif
