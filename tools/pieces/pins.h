/* SPDX-License-Identifier: BSD-3-Clause */
/* pins.h - which files of rules, windows and mailboxes is a plan about, byte for byte? */
#ifndef PINS_H
#define PINS_H

#include "app/setup.h"

/* One file. */
typedef struct pin {
    char *name;       /* as it was named, or as its folder was, with its own behind it */
    ndr_buffer bytes; /* empty where a plan was read */
} pin;

typedef struct pins {
    pin *row;
    size_t count, cap;
    bool none; /* there are no windows, not even an empty set of them */
} pins;

/* The files that a loaded setup came from, in the order in which they count. 0 or an
 * ndr_code. */
int pins_of_rules(const setup *s, pins *ret, ndr_error *err);
int pins_of_windows(const setup *s, pins *ret, ndr_error *err);
int pins_of_map(const setup *s, pins *ret, ndr_error *err); /* of mailboxes, or none */
bool pins_add(pins *p, const char *name);                   /* false: no memory */
void pins_free(pins *p);
/* Of the bytes, and with `named` of the names too, which verdicts tell of windows. */
uint64_t pins_hash(const pins *p, bool named);
/* All bytes of one file. 0 or an ndr_code. */
int pins_of_file(const char *path, ndr_buffer *ret, ndr_error *err);
/* Of the identity's file and of the set of what was sent, as far as they are used. 0 or
 * an ndr_code. */
int pins_identity(const setup *s, uint64_t *ret, ndr_error *err);
int pins_sent(const setup *s, uint64_t *ret, ndr_error *err);

#endif
