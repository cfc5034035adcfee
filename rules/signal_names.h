/* SPDX-License-Identifier: BSD-3-Clause */
/* signal_names.h - what does the name of a signal stand for? */
#ifndef NDR_SIGNAL_NAMES_H
#define NDR_SIGNAL_NAMES_H

#include "ndrscan.h"

/* What the YAML holds; NULL, 0 or false where a key is absent. */
typedef struct ndr_signal_entry {
    char
        *name; /* under signals its own; elsewhere that of one there, and all else NULL */
    char *in, *before, *after;
    char **match; /* alternatives */
    unsigned match_count;
    bool *absent, *present;
} ndr_signal_entry;

/* A signal that a file names. Strings are NUL-terminated, the entry is borrowed. */
typedef struct ndr_signal_name {
    const ndr_signal_entry *entry;
    ndr_signal_spec spec;
    size_t file, number; /* where it stands: file of the set, entry of its signals */
    bool replaced;       /* by the next row, of a later file */
    bool used;
} ndr_signal_name;

/* All names of a set, by name, then in the order of the files. All zero: none. */
typedef struct ndr_signal_names {
    ndr_signal_name *row;
    size_t count;
    char **made; /* patterns that were put together */
    size_t made_count, made_cap;
} ndr_signal_names;

void ndr_signal_names_free(ndr_signal_names *n);

/*
 * What is wrong with a signal that is written out, and the remedy; NULL when nothing
 * is. Its target and pattern are the builder's to check.
 */
const char *ndr_signal_fault(const ndr_signal_entry *e);

/*
 * The signal that such an entry states, with its alternatives as one pattern, which `n`
 * owns. False: no memory.
 */
bool
ndr_signal_make(ndr_signal_names *n, const ndr_signal_entry *e, ndr_signal_spec *ret);

/* Bring the rows in order, once all are there; of one name the last counts. */
void ndr_signal_names_sort(ndr_signal_names *n);

/* The row that counts of a name; NULL: none is named so. */
ndr_signal_name *ndr_signal_names_find(const ndr_signal_names *n, const char *name);

#endif
